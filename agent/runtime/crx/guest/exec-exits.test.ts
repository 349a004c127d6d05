import { describe, expect, test } from "bun:test";
import { ProtocolError } from "../channel/protocol.ts";
import { ExecExits } from "./exec-exits.ts";

describe("ExecExits", () => {
  test("brings exit and claim together, whichever comes first", async () => {
    const exits = new ExecExits();
    const first = exits.claim(1);
    exits.settle(1, { exitCode: 3 });
    exits.settle(2, { exitCode: 4, signal: 9 });
    expect(await first).toEqual({ exitCode: 3 });
    expect(await exits.claim(2)).toEqual({ exitCode: 4, signal: 9 });
  });

  test("rejects what is claimed, before and after, when the machine goes", async () => {
    const exits = new ExecExits();
    const first = exits.claim(1);
    exits.end(new Error("gone"));
    await expect(first).rejects.toThrow("gone");
    await expect(exits.claim(2)).rejects.toThrow("gone");
  });

  test("refuses a guest that invents processes without end", () => {
    const exits = new ExecExits();
    expect(() => {
      for (let id = 0; id < 1000; id += 1) exits.settle(id, { exitCode: 0 });
    }).toThrow(ProtocolError);
  });
});
