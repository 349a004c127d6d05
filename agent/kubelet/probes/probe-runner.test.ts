import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1Container, V1Probe } from "../../../supervisor/api/generated/types.ts";
import { makeCertificate } from "../../../test/framework/certificates.ts";
import { eventually } from "../../../test/framework/eventually.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { FakeRuntime } from "../../../test/framework/fake-runtime.ts";
import { podDialer } from "../pod-access/pod-dialer.ts";
import { ProbeRunner } from "./probe-runner.ts";

const cleanups: Array<() => unknown> = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const pod = { metadata: { namespace: "ns", name: "p", uid: "u" }, spec: { containers: [{ name: "web" }] } };

/** A container in a machine without an address; its ports are this machine's. */
async function rig(own: Partial<V1Container> = {}) {
  const clock = new FakeClock();
  const runtime = new FakeRuntime(clock);
  runtime.hasRealPorts = true;
  const { id: sandboxId } = await runtime.addSandbox("u");
  const containerId = await runtime.addRunning(sandboxId, "web");
  const events: string[] = [];
  const recorder = {
    event: (_pod: object, _type: string, reason: string, message: string) => {
      events.push(`${reason}: ${message}`);
    },
  };
  const runner = new ProbeRunner({ runtime, dial: podDialer(runtime), recorder, clock });
  const container = { name: "web", ...own };
  const begin = (probe: V1Probe) => {
    const run = { pod, container, containerId, sandboxId, kind: "liveness", probe } as const;
    return runner.run(run, new AbortController().signal);
  };
  const outcome = async (probe: V1Probe): Promise<readonly (string | undefined)[]> => {
    events.length = 0;
    return [await begin(probe), ...events];
  };
  return { clock, runtime, begin, events, outcome };
}

function serve(options: Omit<Parameters<typeof Bun.serve>[0], "port">): number {
  // The options' type is a union that a port cannot be spread into.
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, ...options } as Parameters<typeof Bun.serve>[0]);
  cleanups.push(() => server.stop(true));
  return server.port ?? 0;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

test("a command's exit code decides, and its output is told", async () => {
  const { runtime, outcome } = await rig({ env: [{ name: "FILE", value: "/tmp/ok" }] });
  const probe = { exec: { command: ["cat", "$(FILE)"] } };
  expect(await outcome(probe)).toEqual(["success"]);
  expect(runtime.execs).toEqual(["web: cat /tmp/ok"]);
  runtime.onExec = async () => ({ exitCode: 1, output: "cat: can't open '/tmp/ok'" });
  expect(await outcome(probe)).toEqual([
    "failure",
    "Unhealthy: Liveness probe failed: cat: can't open '/tmp/ok'",
  ]);
});

test("a command that takes too long fails, one that cannot be run says nothing", async () => {
  const { clock, runtime, begin, events } = await rig();
  const probe = { exec: { command: ["sleep", "5"] }, timeoutSeconds: 2 };
  runtime.onExec = () => new Promise(() => {});
  const running = begin(probe);
  await clock.advance(2000);
  expect(await running).toBe("failure");
  expect(events).toEqual([
    'Unhealthy: Liveness probe failed: command timed out: "sleep 5" timed out after 2s',
  ]);
  runtime.onExec = () => Promise.reject(new Error("no such file"));
  expect(await begin(probe)).toBeUndefined();
  expect(events[1]).toBe("Unhealthy: Liveness probe errored and resulted in unknown state: no such file");
  expect(runtime.execs).toHaveLength(4);
});

test("a page is asked for with the probe's headers, and its status decides", async () => {
  const asked: string[] = [];
  const port = serve({
    fetch: (request: Request) => {
      const { pathname, search } = new URL(request.url);
      asked.push(
        [
          pathname + search,
          ...["host", "user-agent", "accept", "x-one"].map((name) => request.headers.get(name)),
        ].join(" "),
      );
      if (pathname === "/far") return Response.redirect("http://other.test/", 302);
      if (pathname === "/near") return Response.redirect("/ok", 302);
      return new Response("not now", { status: pathname === "/ok" ? 204 : 503 });
    },
  });
  const { outcome } = await rig({ ports: [{ name: "http", containerPort: port }] });
  const get = (path: string) => ({
    httpGet: { path, port: "http", httpHeaders: [{ name: "X-One", value: "1" }] },
  });
  expect(await outcome(get("/ok?a=b"))).toEqual(["success"]);
  expect(asked).toEqual([`/ok?a=b 127.0.0.1:${port} kube-probe/1.36 */* 1`]);
  expect(await outcome(get("/near"))).toEqual(["success"]);
  expect(await outcome(get("/far"))).toEqual([
    "success",
    "ProbeWarning: Liveness probe warning: Probe terminated redirects, Response body: ",
  ]);
  expect(await outcome(get("bad"))).toEqual([
    "failure",
    "Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 503",
  ]);
});

test("a page over HTTPS needs no certificate that anybody trusts", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pacific-probe-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const { certificatePath, keyPath } = makeCertificate(folder);
  const tls = { cert: readFileSync(certificatePath), key: readFileSync(keyPath) };
  const port = serve({ tls, fetch: () => new Response("ok") });
  const { outcome } = await rig();
  expect(await outcome({ httpGet: { port, scheme: "HTTPS" } })).toEqual(["success"]);
  const [verdict, event] = await outcome({ httpGet: { port } });
  expect([
    verdict,
    event?.startsWith(`Unhealthy: Liveness probe failed: Get "http://127.0.0.1:${port}/": `),
  ]).toEqual(["failure", true]);
});

test("a server that does not answer in time fails the probe", async () => {
  let connections = 0;
  const port = await listen(
    createServer((socket) => {
      socket.on("error", () => {});
      connections++;
    }),
  );
  const { clock, begin, events } = await rig();
  const running = begin({ httpGet: { port, path: "/slow" } });
  const calling = begin({ grpc: { port } });
  await eventually("both are connected", 2000, () => connections === 2);
  await clock.advance(1000);
  expect([await running, await calling]).toEqual(["failure", "failure"]);
  expect(events.sort()).toEqual([
    `Unhealthy: Liveness probe failed: Get "http://127.0.0.1:${port}/slow": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    "Unhealthy: Liveness probe failed: timeout: health rpc did not complete within 1s",
  ]);
});

test("a port that takes connections is a success", async () => {
  const server = createServer((socket) => socket.on("error", () => {}));
  const port = await listen(server);
  const { outcome } = await rig();
  expect(await outcome({ tcpSocket: { port } })).toEqual(["success"]);
  expect(await outcome({ tcpSocket: { port, host: "127.0.0.1" } })).toEqual(["success"]);
  await new Promise((resolve) => server.close(resolve));
  const refused = `dial tcp 127.0.0.1:${port}: connect: connection refused`;
  expect(await outcome({ tcpSocket: { port } })).toEqual([
    "failure",
    `Unhealthy: Liveness probe failed: ${refused}`,
  ]);
  expect(await outcome({ httpGet: { port } })).toEqual([
    "failure",
    `Unhealthy: Liveness probe failed: Get "http://127.0.0.1:${port}/": ${refused}`,
  ]);
  expect(await outcome({ tcpSocket: { port: "none" } })).toEqual([
    undefined,
    "Unhealthy: Liveness probe errored and resulted in unknown state: couldn't find port: none in container's ports",
  ]);
});

test("a gRPC server is asked for its health", async () => {
  const health: Record<string, number[]> = { "": [0, 0, 0, 0, 2, 8, 1], db: [0, 0, 0, 0, 2, 8, 2] };
  const server = createHttp2Server();
  server.on("stream", (stream: ServerHttp2Stream) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const answer = health[Buffer.concat(chunks).subarray(7).toString()];
      const type = { ":status": 200, "content-type": "application/grpc" };
      if (!answer) {
        stream.respond(
          { ...type, "grpc-status": "12", "grpc-message": "unknown%20service" },
          { endStream: true },
        );
        return;
      }
      stream.respond(type, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.from(answer));
    });
  });
  // node:http2's server listens as any other; only its type differs.
  const port = await listen(server as unknown as Server);
  const { outcome } = await rig();
  expect(await outcome({ grpc: { port } })).toEqual(["success"]);
  expect(await outcome({ grpc: { port, service: "db" } })).toEqual([
    "failure",
    'Unhealthy: Liveness probe failed: service unhealthy (responded with "NOT_SERVING")',
  ]);
  expect(await outcome({ grpc: { port, service: "none" } })).toEqual([
    "failure",
    "Unhealthy: Liveness probe failed: error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service",
  ]);
});
