import { afterEach, beforeEach, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { type ClusterPki, loadClusterPki } from "./cluster-pki.ts";
import { certificateKeyHash, privateKeyHash } from "./keys.ts";

const dayMs = 24 * 3600 * 1000;
let directory = "";
let clock = new FakeClock();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pacific-pki-"));
  clock = new FakeClock();
});

afterEach(() => rmSync(directory, { recursive: true }));

function load(serverNames = ["localhost", "127.0.0.1", "::1"]): Promise<ClusterPki> {
  return loadClusterPki({ directory, serverNames, clock });
}

test("loadClusterPki makes an authority and certificates that it signed, for their names and uses", async () => {
  const pki = await load();
  const authority = new X509Certificate(pki.authority.certificatePem);
  const server = new X509Certificate(pki.server.certificatePem);
  const admin = new X509Certificate(pki.admin.certificatePem);
  expect(authority.ca).toBe(true);
  expect(server.verify(authority.publicKey)).toBe(true);
  expect(server.checkHost("localhost")).toBe("localhost");
  expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(server.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(admin.subject).toBe("O=system:masters\nCN=system:admin");
  expect(admin.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  expect(statSync(join(directory, "ca.key")).mode & 0o777).toBe(0o600);
});

test("loadClusterPki keeps what it made while that is good", async () => {
  const first = await load();
  await clock.advance(200 * dayMs);
  expect(await load()).toEqual(first);
});

test("loadClusterPki renews what has less than a third of its life left, and keeps the authority", async () => {
  const first = await load();
  await clock.advance(250 * dayMs);
  const second = await load();
  expect(second.authority.certificatePem).toBe(first.authority.certificatePem);
  expect(second.server.certificatePem).not.toBe(first.server.certificatePem);
  expect(second.admin.certificatePem).not.toBe(first.admin.certificatePem);
});

test("loadClusterPki issues the server's certificate anew for a name that it lacks", async () => {
  const first = await load();
  const second = await load(["localhost", "192.0.2.7", "fd00::7"]);
  expect(second.admin).toEqual(first.admin);
  expect(new X509Certificate(second.server.certificatePem).checkIP("192.0.2.7")).toBe("192.0.2.7");
  expect(await load(["localhost", "192.0.2.7", "fd00::7"])).toEqual(second);
});

test("loadClusterPki repairs a certificate whose key was replaced by a crash in between", async () => {
  const first = await load();
  writeFileSync(join(directory, "server.key"), first.admin.keyPem);
  const second = await load();
  expect(second.server.keyPem).not.toBe(first.admin.keyPem);
  expect(certificateKeyHash(second.server.certificatePem)).toBe(privateKeyHash(second.server.keyPem));
});

test("loadClusterPki refuses an authority without its key", async () => {
  await load();
  rmSync(join(directory, "ca.key"));
  expect(load()).rejects.toThrow("ca.key: put the key back");
});

test("the hash of the authority is that of its public key", async () => {
  const { authority } = await load();
  expect(authority.publicKeyHash).toMatch(/^[0-9a-f]{64}$/);
  expect(authority.publicKeyHash).toBe(certificateKeyHash(readFileSync(join(directory, "ca.crt"), "utf8")));
  expect(authority.publicKeyHash).toBe(privateKeyHash(readFileSync(join(directory, "ca.key"), "utf8")));
});
