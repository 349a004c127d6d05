import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatAddress, parseCidr } from "../../supervisor/base/ipv4-network.ts";
import { AddressPool } from "./address-pool.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "pacific-addresses-"));
  folders.push(made);
  return made;
}

function pool(at: string, cidr = "10.42.0.0/29"): AddressPool {
  const range = parseCidr(cidr);
  if (!range) throw new Error(`${cidr} is no range`);
  return new AddressPool(range, at);
}

test("AddressPool gives each key one address, never the network's, the host's or the broadcast one", () => {
  const made = pool(folder());
  const given = ["a", "b", "c", "d", "e", "a"].map((key) => formatAddress(made.allocate(key)));
  expect(given).toEqual(["10.42.0.2", "10.42.0.3", "10.42.0.4", "10.42.0.5", "10.42.0.6", "10.42.0.2"]);
  expect(() => made.allocate("f")).toThrow("All 5 addresses of 10.42.0.0/29 are in use");
});

test("AddressPool lets a freed address rest while others are free", () => {
  const made = pool(folder());
  made.allocate("a");
  made.release("a");
  made.release("a");
  expect(formatAddress(made.allocate("b"))).toBe("10.42.0.3");
  for (const key of ["c", "d", "e"]) made.allocate(key);
  expect(formatAddress(made.allocate("f"))).toBe("10.42.0.2");
});

test("AddressPool knows what an earlier run gave", () => {
  const at = folder();
  pool(at).allocate("a");
  const again = pool(at);
  expect(again.keys()).toEqual(["a"]);
  expect(formatAddress(again.allocate("a"))).toBe("10.42.0.2");
  expect(formatAddress(again.allocate("b"))).toBe("10.42.0.3");
});

test("AddressPool never gives what another daemon on the same folder has given", () => {
  const at = folder();
  const [one, other] = [pool(at), pool(at)];
  expect(formatAddress(one.allocate("a"))).toBe("10.42.0.2");
  expect(formatAddress(other.allocate("b"))).toBe("10.42.0.3");
  expect(readFileSync(join(at, "10.42.0.2"), "utf8")).toBe("a");
});

test("AddressPool clears what a crash left half done", () => {
  const at = folder();
  writeFileSync(join(at, ".7.draft"), "x");
  writeFileSync(join(at, "10.42.0.2"), "");
  const made = pool(at);
  expect(readdirSync(at)).toEqual([]);
  expect(formatAddress(made.allocate("a"))).toBe("10.42.0.2");
});
