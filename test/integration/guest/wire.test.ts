import { expect, test } from "bun:test";
import * as protocol from "../../../agent/runtime/crx/channel/protocol.ts";
import { wire } from "./wire.ts";

/** `memoryMax` in TypeScript is `MEMORY_MAX` in C. */
function constantName(prefix: string, name: string): string {
  return `${prefix}_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

test("host and guest use the same numbers", () => {
  const tables: Array<[string, Readonly<Record<string, number>>]> = [
    ["TYPE", protocol.frameType],
    ["TAG", protocol.tag],
    ["FLAG", protocol.frameFlag],
    ["OPTION", protocol.processOption],
    ["ERROR", protocol.errorKind],
    ["MOUNT", protocol.mountKind],
    ["MOUNT", protocol.mountOption],
    ["VOLUME", protocol.volumePart],
    ["ENTRY", protocol.entryKind],
  ];
  for (const [prefix, table] of tables) {
    for (const [name, value] of Object.entries(table)) {
      expect([name, wire(constantName(prefix, name))]).toEqual([name, value]);
    }
  }
});
