import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostSettings } from "../../../supervisor/base/config/host-settings.ts";
import { preflight } from "./preflight.ts";

function check(settings: Partial<HostSettings> = {}, userId = 0, missing = ""): void {
  const dataDir = mkdtempSync(join(tmpdir(), "pacific-preflight-"));
  const all = {
    nodeName: "box-1.example",
    network: "auto" as const,
    dataDir: join(dataDir, "made"),
    ...settings,
  };
  try {
    preflight(all, { userId, which: (program) => (program === missing ? null : `/bin/${program}`) });
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}

test("preflight lets a host start that has what it needs", () => {
  check();
  check({ network: "none" }, 1000, "nft");
});

test("preflight names what is missing and what to do", () => {
  expect(() => check({ nodeName: "Box_1" })).toThrow('Node name "Box_1" must be lower-case letters');
  expect(() => check({ nodeName: "" })).toThrow("give another with --node-name");
  expect(() => check({}, 1000)).toThrow(
    "needs root, this is user 1000: start as root, or with --network none",
  );
  expect(() => check({}, 0, "nft")).toThrow(
    "Program nft is missing: install nftables, or start with --network none",
  );
  expect(() => check({}, 0, "ip")).toThrow("Program ip is missing: install iproute2");
  expect(() => check({ dataDir: "/proc/nope" })).toThrow("Cannot make data folder /proc/nope");
});
