import { expect, test } from "bun:test";
import { registryEndpoint } from "./registry-hosts.ts";

test.each([
  ["docker.io", {}, "https://registry-1.docker.io"],
  ["quay.io", {}, "https://quay.io"],
  ["localhost:5000", {}, "http://localhost:5000"],
  ["127.0.0.9:5000", {}, "http://127.0.0.9:5000"],
  ["[::1]:5000", {}, "http://[::1]:5000"],
  ["127.0.0.1.example.org", {}, "https://127.0.0.1.example.org"],
  ["localhost.example.org", {}, "https://localhost.example.org"],
  ["10.0.0.5:5000", {}, "https://10.0.0.5:5000"],
  ["10.0.0.5:5000", { "10.0.0.5:5000": { plainHttp: true } }, "http://10.0.0.5:5000"],
  ["localhost:5000", { "localhost:5000": { certificateAuthority: "PEM" } }, "https://localhost:5000"],
  ["localhost:5000", { "localhost:5000": { plainHttp: false } }, "https://localhost:5000"],
])("registryEndpoint: %s with %j is at %s", (registry, hosts, origin) => {
  expect(registryEndpoint(registry, hosts).origin).toBe(origin);
});
