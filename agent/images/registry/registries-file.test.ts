import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRegistriesFile } from "./registries-file.ts";

const root = mkdtempSync(join(tmpdir(), "pacific-registries-"));
afterAll(() => rmSync(root, { recursive: true }));
const path = join(root, "registries.yaml");

function read(text: string): ReturnType<typeof readRegistriesFile> {
  writeFileSync(path, text);
  return readRegistriesFile(path);
}

test("an absent or empty file says nothing", () => {
  expect(readRegistriesFile(join(root, "absent"))).toEqual({ mirrors: {}, hosts: {} });
  expect(read("")).toEqual({ mirrors: {}, hosts: {} });
});

test("mirrors, credentials and certificates are read in k3s's form", () => {
  writeFileSync(join(root, "ca.pem"), "PEM");
  const registries = read(`
mirrors:
  docker.io:
    endpoint: ["https://mirror.test:5000"]
    rewrite: { "^library/(.*)": "hub/$1" }
  quay.io:
configs:
  "mirror.test:5000":
    auth: { username: ann, password: secret }
    tls: { ca_file: ${join(root, "ca.pem")}, insecure_skip_verify: true }
  other.test:
    auth: { auth: ${btoa("bob:a:b")} }
`);
  expect(registries.mirrors["docker.io"]?.endpoints).toEqual(["https://mirror.test:5000"]);
  expect(registries.mirrors["quay.io"]).toEqual({ endpoints: [], rewrites: [] });
  expect(registries.hosts).toEqual({
    "mirror.test:5000": {
      auth: { username: "ann", password: "secret" },
      tls: { ca: "PEM", rejectUnauthorized: false },
    },
    "other.test": { auth: { username: "bob", password: "a:b" } },
  });
});

test.each([
  ["mirror: {}", 'the file has the unknown key "mirror": expected mirrors, configs'],
  ["[]", "the file is no map"],
  ["mirrors: {a: {endpoints: []}}", 'mirrors.a has the unknown key "endpoints": expected endpoint, rewrite'],
  ["mirrors: {a: {endpoint: x}}", "mirrors.a.endpoint is no list"],
  [
    "mirrors: {a: {endpoint: [b:5000]}}",
    'mirrors.a.endpoint has "b:5000", expected an address as https://mirror.example:5000',
  ],
  ["configs: {a: {auth: {}}}", "configs.a.auth names no user: give username and password, or auth"],
])("%s is refused with its key", (text, problem) => {
  expect(() => read(text)).toThrow(`The private registries in ${path} are not understood: ${problem}`);
});
