import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeyPem } from "./keys.ts";
import { loadServiceAccountKeys } from "./service-account-keys.ts";
import { TokenKeys, unverifiedClaims } from "./token-keys.ts";

let directory = "";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "pacific-sa-"));
});

afterAll(() => rmSync(directory, { recursive: true }));

test("a key that was changed signs no more, and what it signed still counts", async () => {
  const first = new TokenKeys(await loadServiceAccountKeys(directory));
  const token = first.sign({ sub: "a" });
  expect(new TokenKeys(await loadServiceAccountKeys(directory)).verify(token)).toEqual({ sub: "a" });
  rmSync(join(directory, "sa.key"));
  const second = new TokenKeys(await loadServiceAccountKeys(directory));
  expect(second.verify(token)).toEqual({ sub: "a" });
  expect(first.verify(second.sign({ sub: "b" }))).toBeUndefined();
  expect(second.keySet()).toMatchObject({
    keys: [
      { use: "sig", kty: "RSA", alg: "RS256" },
      { use: "sig", kty: "RSA", alg: "RS256" },
    ],
  });
});

test("what nobody signed, or another algorithm, is no token", () => {
  const keys = new TokenKeys({ signingKeyPem: generateKeyPem() });
  const [header, payload, signature] = keys.sign({ sub: "a" }).split(".");
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  expect(keys.verify(`${header}.${encode({ sub: "b" })}.${signature}`)).toBeUndefined();
  expect(keys.verify(`${encode({ alg: "none" })}.${payload}.`)).toBeUndefined();
  expect(keys.verify(`${encode({ alg: "RS256" })}.${payload}.${signature}`)).toBeUndefined();
  expect(unverifiedClaims("a.b")).toBeUndefined();
  expect(unverifiedClaims("a.!!.c")).toBeUndefined();
});
