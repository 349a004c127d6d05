import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { Logger } from "../../base/logging.ts";
import { type Backend, RevisionConflictError } from "../backend.ts";
import { RecordingSink } from "../conformance/store.ts";
import { openSqliteBackend } from "../sqlite/open-sqlite-backend.ts";
import { SecretsEncryption } from "./secrets-encryption.ts";

const cleanups: Array<() => Promise<void> | void> = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const logger = new Logger("error");
const key = "/registry/secrets/default/db";
const value = '{"kind":"Secret","data":{"password":"aHVudGVyMg=="}}';

function openStore() {
  const folder = mkdtempSync(join(tmpdir(), "secrets-encryption-"));
  const clock = new FakeClock();
  const store = openSqliteBackend({ path: join(folder, "state.db"), logger, clock });
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  cleanups.push(() => store.close());
  const keysPath = join(folder, "keys.json");
  const open = () => SecretsEncryption.open({ store, keysPath, clock, logger });
  return { store, keysPath, clock, open };
}

async function storedText(store: Backend): Promise<string> {
  return (await store.get(key))?.value ?? "";
}

test("Secrets are encrypted in the store and plain to those who use it, also in watches and conflicts", async () => {
  const { store, keysPath, open } = openStore();
  const { backend } = await open();
  expect(statSync(keysPath).mode & 0o777).toBe(0o600);
  const sink = new RecordingSink();
  const routed = new RecordingSink();
  backend.watch("/registry/", backend.currentRevision(), sink);
  const read = (state: { readonly value: string }) => state.value;
  backend.watch("/registry/secrets/", backend.currentRevision(), routed, { name: "text", value, read });
  const created = await backend.create(key, value);
  expect(created.value).toBe(value);
  await backend.create("/registry/configmaps/default/a", "{}");
  expect(await storedText(store)).toMatch(/^enc:aesgcm:v1:[0-9a-f]{8}:/);
  expect(await storedText(store)).not.toContain("aHVudGVyMg");
  expect((await store.get("/registry/configmaps/default/a"))?.value).toBe("{}");
  expect((await backend.get(key))?.value).toBe(value);
  expect((await backend.range({ prefix: "/registry/" })).items.map((item) => item.value)).toEqual([
    "{}",
    value,
  ]);
  const conflict = await backend.update(key, "{}", created.modRevision + 1).catch((error: unknown) => error);
  expect(conflict).toBeInstanceOf(RevisionConflictError);
  expect((conflict as RevisionConflictError).current.value).toBe(value);
  const updated = await backend.update(key, `${value} `, created.modRevision);
  expect((await backend.delete(key, updated.modRevision)).value).toBe(`${value} `);
  expect(sink.received.map((event) => event.current.value)).toEqual([value, "{}", `${value} `, `${value} `]);
  expect(sink.received[2]?.previous?.value).toBe(value);
  expect(routed.received.map((event) => event.current.value)).toEqual([value, `${value} `]);
});

test("what was stored before there was encryption is encrypted at the first start", async () => {
  const { store, open } = openStore();
  await store.create(key, value);
  const { backend } = await open();
  expect(await storedText(store)).toStartWith("enc:");
  expect((await backend.get(key))?.value).toBe(value);
});

test("a rotation writes everything anew, and older keys go when nothing can need them", async () => {
  const { store, keysPath, clock, open } = openStore();
  const encryption = await open();
  const names = Array.from({ length: 501 }, (_, index) => `/registry/secrets/default/s-${index}`);
  await Promise.all(names.map((name) => encryption.backend.create(name, value)));
  const { key: first } = await encryption.status();
  const rotated = await encryption.rotate();
  expect(rotated).toMatchObject({ secrets: 501, outdated: 0 });
  expect(rotated.key).not.toBe(first);
  expect(readFileSync(keysPath, "utf8")).toContain(first);
  const again = await open();
  expect((await again.backend.get("/registry/secrets/default/s-500"))?.value).toBe(value);
  await clock.advance(2 * 60 * 60 * 1000);
  await again.rotate();
  expect(readFileSync(keysPath, "utf8")).not.toContain(first);
  expect((await store.range({ prefix: "/registry/secrets/", limit: 1 })).items[0]?.value).not.toContain(
    first,
  );
});

test("a value that was moved, or whose key is gone, is not believed", async () => {
  const { store, keysPath, open } = openStore();
  const { backend } = await open();
  await backend.create(key, value);
  await store.create("/registry/secrets/other/db", await storedText(store));
  await expect(backend.get("/registry/secrets/other/db")).rejects.toThrow(
    "/registry/secrets/other/db cannot be decrypted: its stored value was changed",
  );
  rmSync(keysPath);
  // Twice: no new file of keys has taken the place of the lost one.
  await expect(open()).rejects.toThrow("put the file of keys back that belongs to this data directory");
  await expect(open()).rejects.toThrow("put the file of keys back that belongs to this data directory");
  writeFileSync(keysPath, '{"keys":[{"id":"ab","secret":"AAAA"}]}');
  await expect(open()).rejects.toThrow("key 0 has no id of hexadecimal digits, or no secret of 32 bytes");
});
