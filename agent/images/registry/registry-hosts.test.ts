import { expect, test } from "bun:test";
import { parseReference } from "../reference.ts";
import {
  defaultRegistries,
  type Registries,
  type RegistryHost,
  registryEndpoints,
} from "./registry-hosts.ts";

function bases(image: string, registries: Registries): string[] {
  return registryEndpoints(parseReference(image), registries).map(
    ({ base, repository }) => `${base} ${repository}`,
  );
}

test.each<[string, Record<string, RegistryHost>, string]>([
  ["docker.io", {}, "https://registry-1.docker.io"],
  ["quay.io", {}, "https://quay.io"],
  ["localhost:5000", {}, "http://localhost:5000"],
  ["127.0.0.9:5000", {}, "http://127.0.0.9:5000"],
  ["[::1]:5000", {}, "http://[::1]:5000"],
  ["127.0.0.1.example.org", {}, "https://127.0.0.1.example.org"],
  ["localhost.example.org", {}, "https://localhost.example.org"],
  ["10.0.0.5:5000", {}, "https://10.0.0.5:5000"],
  ["10.0.0.5:5000", { "10.0.0.5:5000": { plainHttp: true } }, "http://10.0.0.5:5000"],
  ["localhost:5000", { "localhost:5000": { tls: { ca: "PEM" } } }, "https://localhost:5000"],
  ["localhost:5000", { "localhost:5000": { plainHttp: false } }, "https://localhost:5000"],
])("the registry %s with %j is at %s", (registry, hosts, origin) => {
  expect(bases(`${registry}/team/app`, { mirrors: {}, hosts })).toEqual([`${origin}/v2 team/app`]);
});

test("mirrors come first, their own before those of all, with names rewritten", () => {
  const rewrites = [{ pattern: /^library\/(.*)$/, replacement: "hub/$1" }];
  const registries: Registries = {
    mirrors: {
      "docker.io": { endpoints: ["https://a.test", "http://b.test:5000/v2/cache/"], rewrites },
      "*": { endpoints: ["https://all.test"], rewrites: [] },
    },
    hosts: { "a.test": { auth: { username: "ann", password: "secret" } } },
  };
  expect(bases("nginx", registries)).toEqual([
    "https://a.test/v2 hub/nginx",
    "http://b.test:5000/v2/cache hub/nginx",
    "https://registry-1.docker.io/v2 library/nginx",
  ]);
  expect(bases("quay.io/a", registries)).toEqual(["https://all.test/v2 a", "https://quay.io/v2 a"]);
  const [first, , last] = registryEndpoints(parseReference("nginx"), registries);
  expect(first).toMatchObject({ mirrorOf: "docker.io", auth: { username: "ann" } });
  expect(last).not.toContainAnyKeys(["mirrorOf", "auth"]);
});

test("nothing is said of names that objects have by nature", () => {
  expect(bases("constructor.test/a", defaultRegistries)).toEqual(["https://constructor.test/v2 a"]);
});
