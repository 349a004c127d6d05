import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectHost } from "../../../agent/join/connect-host.ts";
import { IdentityStore } from "../../../agent/join/identity-store.ts";
import { type JoinOptions, joinSupervisor } from "../../../agent/join/join-supervisor.ts";
import type { JoinedHost } from "../../../agent/join/joined-host.ts";
import { keepCertificate } from "../../../agent/join/keep-certificate.ts";
import type { V1Node } from "../../../supervisor/api/generated/types.ts";
import { isForbidden, isNotFound } from "../../../supervisor/apimachinery/errors.ts";
import { systemClock } from "../../../supervisor/base/clock.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { createToken, deleteToken, listTokens } from "../../../supervisor/cli/bootstrap-tokens.ts";
import { resources } from "../../../supervisor/client/resources.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import { FakeClock } from "../../framework/fake-clock.ts";
import { freePort } from "../../framework/free-port.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";
import { waitUntil } from "../../framework/wait-until.ts";

let supervisor: TestSupervisor;
let folder = "";
let controller = new AbortController();
let lines: string[] = [];
let hostNumber = 0;

beforeAll(async () => {
  supervisor = await startTestSupervisor();
});

afterAll(() => supervisor.stop());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pacific-join-"));
  controller = new AbortController();
  lines = [];
});

afterEach(() => {
  controller.abort();
  rmSync(folder, { recursive: true });
});

function newToken(options: { readonly ttlMs?: number; readonly uses?: number } = {}): Promise<string> {
  const { caKeyHash } = supervisor;
  return createToken(supervisor.admin, { ttlMs: 3600_000, caKeyHash, clock: systemClock, ...options });
}

function joinAs(nodeName: string, options: Partial<JoinOptions> = {}): Promise<JoinedHost> {
  return joinSupervisor({
    server: supervisor.url,
    nodeName,
    dataDir: join(folder, nodeName),
    logger: new Logger("info", (line) => lines.push(line)),
    signal: controller.signal,
    ...options,
  });
}

function freshName(): string {
  return `host-${++hostNumber}`;
}

function nodeObject(name: string): V1Node {
  return { apiVersion: "v1", kind: "Node", metadata: { name } };
}

function nodesOf(host: JoinedHost) {
  return createClient(host.transport).resource<V1Node>(resources.nodes);
}

test("a host joins by a token and is its node, no other", async () => {
  const name = freshName();
  const host = await joinAs(name, { token: await newToken() });
  const nodes = nodesOf(host);
  await nodes.create(nodeObject(name));
  expect((await nodes.get(name)).metadata?.name).toBe(name);
  expect(isForbidden(await nodes.get("other").catch((error: unknown) => error))).toBe(true);
  const path = join(folder, name, "join", "identity.json");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a later start needs neither token nor supervisor", async () => {
  const name = freshName();
  const first = await joinAs(name, { token: await newToken() });
  const { server: _, ...options } = { server: undefined, nodeName: name };
  const again = await connectHost({
    ...options,
    dataDir: join(folder, name),
    logger: new Logger("error", () => {}),
    signal: controller.signal,
  });
  expect(again.credentials().certificatePem).toBe(first.identity.certificatePem);
  expect(again.isSupervisor).toBe(true);
});

test("a malformed, unknown, expired or deleted token is refused for good, by its id", async () => {
  const good = await newToken();
  const [id = ""] = good.split(".");
  await expect(joinAs("a", { token: "nonsense" })).rejects.toThrow("is malformed: expected <6 characters>");
  const wrong = good.replace(/\.[a-z0-9]{16}\./, ".0000000000000000.");
  const refusal = `Join token ${id} is unknown to ${supervisor.url} or has expired: make another with "pacific token create"`;
  await expect(joinAs("a", { token: wrong })).rejects.toThrow(refusal);
  await deleteToken(supervisor.admin, id);
  await expect(joinAs("a", { token: good })).rejects.toThrow(refusal);
  const expiring = await newToken({ ttlMs: 1000 });
  await waitUntil(
    async () => !(await listTokens(supervisor.admin)).some((token) => expiring.startsWith(token.id)),
  );
  await expect(joinAs("a", { token: expiring })).rejects.toThrow("has expired");
});

test("a used-up token lets no further host in, but the same host again", async () => {
  const name = freshName();
  const token = await newToken({ uses: 1 });
  const host = await joinAs(name, { token });
  await expect(joinAs(freshName(), { token })).rejects.toThrow(
    /^The supervisor refused this host: Join token [a-z0-9]{6} is used up \(1 of 1 hosts have joined by it\): make another/,
  );
  // The answer was lost on the way: the host has its key, and asks again.
  const dataDir = join(folder, "retry");
  await new IdentityStore(dataDir).savePendingKey(host.identity.keyPem);
  const again = await joinAs(name, { token, dataDir });
  expect(again.identity.keyPem).toBe(host.identity.keyPem);
  expect((await listTokens(supervisor.admin)).find(({ id }) => token.startsWith(id))?.used).toBe(1);
});

test("a second host of the same name is refused until the Node is deleted", async () => {
  const name = freshName();
  const token = await newToken();
  const first = await joinAs(name, { token });
  const second = () => joinAs(name, { token, dataDir: join(folder, "second") });
  await expect(second()).rejects.toThrow(`Node name ${name} belongs to another host`);
  await nodesOf(first).create(nodeObject(name));
  await expect(second()).rejects.toThrow(`kubectl delete node ${name}`);
  await supervisor.admin.resource<V1Node>(resources.nodes).delete(name);
  const joined = await waitUntil(() => second().catch(() => undefined));
  expect(joined.identity.nodeName).toBe(name);
});

test("two hosts that ask for one name at once do not both get it", async () => {
  const name = freshName();
  const token = await newToken();
  const both = ["one", "two"].map((dir) => joinAs(name, { token, dataDir: join(folder, dir) }));
  const results = await Promise.allSettled(both);
  expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("a stranger's certificate authority is told by its hash, and gets no token", async () => {
  const stranger = await startTestSupervisor();
  try {
    await expect(joinAs("a", { token: await newToken(), server: stranger.url })).rejects.toThrow(
      `has the key hash ${stranger.caKeyHash}, expected ${supervisor.caKeyHash}`,
    );
  } finally {
    await stranger.stop();
  }
});

test("a data directory of another node or another supervisor is not taken over", async () => {
  const name = freshName();
  const dataDir = join(folder, "kept");
  const token = await newToken();
  await joinAs(name, { token, dataDir });
  await expect(joinAs("other", { dataDir })).rejects.toThrow(`belongs to node ${name}, not other`);
  const foreign = `${token.slice(0, -1)}${token.endsWith("0") ? "1" : "0"}`;
  await expect(joinAs(name, { dataDir, token: foreign })).rejects.toThrow("is of another one");
});

test("what is missing or wrong on the command line is said", async () => {
  await expect(joinAs("a")).rejects.toThrow("This host has not joined yet: start it with --token");
  const server = "127.0.0.1:6443";
  await expect(joinAs("a", { server })).rejects.toThrow("expected an address such as https://192.0.2.1:6443");
  const token = await newToken();
  await expect(joinAs("Bad_Name", { token })).rejects.toThrow(
    'Node name "Bad_Name" must be of lower case letters',
  );
});

test("a host waits for a supervisor that is down, saying so, and joins when it is there", async () => {
  const port = await freePort();
  const later = await startTestSupervisor({ port });
  const token = await createToken(later.admin, { ttlMs: 0, caKeyHash: later.caKeyHash, clock: systemClock });
  await later.stop({ keepData: true });
  const joining = joinAs("patient", { token, server: later.url });
  await waitUntil(() => lines.some((line) => line.includes("Cannot join yet, trying again")));
  expect(lines[0]).toContain("ECONNREFUSED");
  const back = await startTestSupervisor({ port, dataDir: later.dataDir });
  try {
    expect((await joining).identity.server).toBe(back.url);
  } finally {
    await back.stop();
  }
});

test("a certificate is renewed when 70 to 90 % of its life are over, with a new key, by the old one's word", async () => {
  const name = freshName();
  const host = await joinAs(name, { token: await newToken({ uses: 1 }) });
  const { keyPem } = host.identity;
  const clock = new FakeClock(Date.now());
  const dataDir = join(folder, name);
  const renewed = new Promise<void>((resolve) => {
    host.onRenewal(() => {
      controller.abort();
      resolve();
    });
  });
  const keeping = keepCertificate(host, {
    dataDir,
    clock,
    // Half of the way from 70 to 90 %: after 292 of 365 days.
    random: () => 0.5,
    logger: new Logger("error", () => {}),
    signal: controller.signal,
  });
  await clock.advance(290 * 24 * 3600 * 1000);
  expect(host.identity.keyPem).toBe(keyPem);
  await clock.advance(4 * 24 * 3600 * 1000);
  await renewed;
  await keeping;
  expect(host.identity.keyPem).not.toBe(keyPem);
  expect(readFileSync(join(dataDir, "join", "identity.json"), "utf8")).toContain(
    JSON.stringify(host.identity.keyPem),
  );
  const error = await nodesOf(host)
    .get(name)
    .catch((thrown: unknown) => thrown);
  expect(isNotFound(error)).toBe(true);
});
