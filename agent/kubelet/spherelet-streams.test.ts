import { expect, test } from "bun:test";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { text } from "node:stream/consumers";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import { FakeClock } from "../../test/framework/fake-clock.ts";
import { FakeRuntime } from "../../test/framework/fake-runtime.ts";
import { plainSecurity } from "../runtime/plain-security.ts";
import { SphereletStreams } from "./spherelet-streams.ts";

const pod: V1Pod = { metadata: { namespace: "ns", name: "p", uid: "u" } };
const web = { namespace: "ns", pod: "p", container: "web" };
const wiring = { tapName: "", macAddress: "", prefixLength: 8, gateway: "", mtu: 1500 };
const options = { command: ["ls"], tty: false, stdin: false, stdout: true, stderr: true };

async function start() {
  const runtime = new FakeRuntime(new FakeClock());
  const streams = new SphereletStreams({
    pods: { get: (key) => (key === "ns/p" ? pod : undefined), list: () => [pod] },
    runtime,
    logRoot: "/logs",
    newest: (known) => ({ ...known, status: { phase: "Running" } }),
  });
  return { runtime, streams };
}

async function run(runtime: FakeRuntime, address?: string): Promise<string> {
  const nothing = { labels: {}, annotations: {} };
  const metadata = { namespace: "ns", name: "p", uid: "u", attempt: 0 };
  const dns = { servers: [], searches: [], options: [] };
  const sandbox = await runtime.runPodSandbox(
    {
      ...nothing,
      metadata,
      ...(address === undefined ? {} : { network: { ...wiring, address } }),
      hostname: "p",
      dns,
      hostAliases: [],
      cpuCount: 1,
      cpuWeight: 100,
      memoryBytes: 1,
      logDirectory: "",
      sysctls: {},
    },
    new AbortController().signal,
  );
  const id = await runtime.createContainer(sandbox.id, {
    ...nothing,
    metadata: { name: "web", attempt: 0 },
    imageId: "",
    imageDiskPath: "",
    args: [],
    workingDir: "/",
    env: [],
    tty: false,
    stdin: false,
    stdinOnce: false,
    logPath: "web/0.log",
    resources: { cpuMillis: 0, cpuWeight: 1, memoryBytes: 0 },
    security: plainSecurity,
    mounts: [],
    stopSignal: "SIGTERM",
  });
  await runtime.startContainer(id);
  return id;
}

test("SphereletStreams leads to running containers only, and says what is not there", async () => {
  const { runtime, streams } = await start();
  expect(streams.pods()[0]?.status?.phase).toBe("Running");
  await expect(streams.exec({ ...web, pod: "q" }, options)).rejects.toThrow("Pod ns/q is not on this node");
  await expect(streams.exec(web, options)).rejects.toThrow("Container web of Pod ns/p is not running");
  await expect(streams.portForward(web, 80)).rejects.toThrow("Pod ns/p is not running");
  await run(runtime);
  expect(await (await streams.exec(web, options)).exit).toEqual({ exitCode: 0 });
  expect(await streams.portForward(web, 80)).toBeDefined();
});

test("a connection to a Pod's port goes to its address, not to its loopback", async () => {
  const { runtime, streams } = await start();
  await expect(streams.connect(web, 80)).rejects.toThrow("Pod ns/p is not running");
  await run(runtime, "127.0.0.2");
  const server = createServer((socket) => socket.end("hello")).listen(0, "127.0.0.2");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP server's
  const socket = await streams.connect(web, port);
  expect(await text(socket)).toBe("hello");
  server.close();
  await once(server, "close");
  await expect(streams.connect(web, port)).rejects.toThrow(
    `dial tcp 127.0.0.2:${port}: connect: connection refused`,
  );
});

test("SphereletStreams finds a container's log and tells when it ends", async () => {
  const { runtime, streams } = await start();
  const id = await run(runtime);
  const log = streams.logFile(`crx://${id}`);
  expect(log?.path).toBe("/logs/pods/ns_p_u/web/0.log");
  let ended = false;
  const waiting = log?.ended.then(() => {
    ended = true;
  });
  await Promise.resolve();
  expect(ended).toBe(false);
  runtime.exit(id, 0);
  await waiting;
  expect(ended).toBe(true);
  await streams.logFile(id)?.ended;
  expect(streams.logFile("crx://unknown")).toBeUndefined();
});
