import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "../../test/framework/fake-clock.ts";
import { toSupervisorOptions } from "../base/config/supervisor-settings.ts";
import { openTokenAuthenticators } from "./open-token-authenticators.ts";

const clock = new FakeClock();
const networks = { "cluster-cidr": "10.42.0.0/16", "service-cidr": "10.43.0.0/16", listen: "0.0.0.0:6443" };
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "authenticators-"));
});

afterAll(() => rm(directory, { recursive: true }));

async function open(
  yaml: string,
  flags: Readonly<Record<string, string>> = {},
): ReturnType<typeof openTokenAuthenticators> {
  const path = join(directory, "authentication.yaml");
  await writeFile(path, `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n${yaml}`);
  const values = { ...networks, ...flags, "authentication-config": path };
  return openTokenAuthenticators(toSupervisorOptions(values), clock);
}

test("a configuration's providers are known, and whether nobody may ask", async () => {
  const { tokenAuthenticators, anonymous } = await open(`
jwt:
- issuer: { url: https://login.example, audiences: [pacific] }
  claimMappings: { username: { expression: claims.sub } }
anonymous: { enabled: true, conditions: [{ path: /livez }] }
`);
  expect(tokenAuthenticators).toHaveLength(1);
  expect(anonymous).toEqual({ enabled: true, conditions: [{ path: "/livez" }] });
  expect(await open("jwt: []")).toEqual({ tokenAuthenticators: [] });
});

test("a configuration that cannot be used is refused by its flag", async () => {
  await expect(open("jwt: [{ claimMappings: { username: { claim: sub } } }]")).rejects.toThrow(
    /^Cannot use --authentication-config .*: jwt\[0\]\.issuer\.url: Required value, jwt\[0\]\.issuer\.audiences: Required/,
  );
  const both = { "authentication-config": "x", "oidc-issuer-url": "https://x", "oidc-client-id": "y" };
  expect(() => toSupervisorOptions({ ...networks, ...both })).toThrow("exclude each other");
});

test("a flag says whether nobody may ask, unless the configuration does", async () => {
  const flags = { "anonymous-auth": "false" };
  const { anonymous } = await openTokenAuthenticators(toSupervisorOptions({ ...networks, ...flags }), clock);
  expect(anonymous).toEqual({ enabled: false });
  expect(await open("jwt: []", flags)).toEqual({ tokenAuthenticators: [], anonymous: { enabled: false } });
  await expect(open("anonymous: { enabled: false }", flags)).rejects.toThrow("exclude each other");
});
