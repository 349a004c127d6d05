/** The tunnel over real TLS sockets with real certificates: both ends, whole and broken. */
import { afterEach, beforeAll, expect, test } from "bun:test";
import { connect, createServer, type Socket } from "node:net";
import { runTunnel, type TunnelCredentials } from "../../../agent/server/tunnel-client.ts";
import { KubeletProxy } from "../../../supervisor/apiserver/proxy/kubelet-proxy.ts";
import { TunnelServer } from "../../../supervisor/apiserver/proxy/tunnel-server.ts";
import { systemClock } from "../../../supervisor/base/clock.ts";
import type { ConnectionInfo } from "../../../supervisor/base/http/connection-info.ts";
import { fixedResponse } from "../../../supervisor/base/http/fixed-response.ts";
import type { HttpHandler } from "../../../supervisor/base/http/http-options.ts";
import { listenTls } from "../../../supervisor/base/http/listen-tls.ts";
import { serveHttp } from "../../../supervisor/base/http/serve-http.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { CertificateAuthority } from "../../../supervisor/base/pki/certificate-authority.ts";
import { freePort } from "../../framework/free-port.ts";
import { waitUntil } from "../../framework/wait-until.ts";

const nowMs = Date.now();
const ends: (() => Promise<unknown>)[] = [];
let authority: CertificateAuthority;

beforeAll(async () => {
  authority = await CertificateAuthority.create("test-ca", nowMs);
});

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function nodeCredentials(commonName: string, organizations = ["system:nodes"], by = authority) {
  const leaf = await by.issue({ subject: { commonName, organizations }, uses: ["client"], nowMs });
  const credentials = { key: leaf.keyPem, cert: leaf.certificatePem, ca: authority.certificatePem };
  return (): TunnelCredentials => credentials;
}

async function supervisor(waitMs = 120_000) {
  const tunnels = new TunnelServer({ clock: systemClock, logger: new Logger("error"), waitMs });
  const leaf = await authority.issue({
    subject: { commonName: "kube-apiserver" },
    uses: ["server"],
    alternativeNames: ["127.0.0.1"],
    nowMs,
  });
  let stopping = new AbortController();
  const port = await freePort();
  let listener = await listen();
  function listen() {
    return listenTls({
      host: "127.0.0.1",
      port,
      key: leaf.keyPem,
      cert: leaf.certificatePem,
      clientCa: authority.certificatePem,
      handler: () => fixedResponse("not here", { status: 404 }),
      upgrade: tunnels.upgrade,
      signal: stopping.signal,
      drainMs: 0,
    });
  }
  const stop = async (): Promise<void> => {
    stopping.abort();
    tunnels.close();
    await listener.closed;
  };
  const start = async (): Promise<void> => {
    stopping = new AbortController();
    listener = await listen();
  };
  ends.push(stop);
  return { tunnels, proxy: new KubeletProxy(tunnels), port, stop, start };
}

function host(
  port: number,
  credentials: () => TunnelCredentials,
  handler: HttpHandler,
  onRenewal: (listener: () => void) => () => void = () => () => {},
) {
  const stopping = new AbortController();
  const lines: string[] = [];
  const done = runTunnel({
    server: `https://127.0.0.1:${port}`,
    credentials,
    onRenewal,
    serve: (stream) => void serveHttp(stream, { handler }, { remoteAddress: "tunnel" }),
    clock: systemClock,
    random: Math.random,
    logger: new Logger("warn", (line) => lines.push(line)),
    signal: stopping.signal,
  });
  const stop = (): Promise<void> => {
    stopping.abort();
    return done;
  };
  ends.push(stop);
  return { stop, lines };
}

const connection: ConnectionInfo = { remoteAddress: "test", signal: new AbortController().signal };

async function ask(proxy: KubeletProxy, nodeName: string, target = "/x"): Promise<string> {
  const response = await proxy.fetch({ nodeName, target }, new Request("http://x/"), connection);
  return `${response.status} ${await response.text()}`;
}

const echo: HttpHandler = (request) => fixedResponse(new URL(request.url).pathname);

test("requests reach the host through the tunnel that it opened, many at a time", async () => {
  const { proxy, port } = await supervisor();
  host(port, await nodeCredentials("system:node:a"), echo);
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => ask(proxy, "a", `/${index}`)));
  expect(answers).toEqual(Array.from({ length: 200 }, (_, index) => `200 /${index}`));
});

test("with a renewed certificate another tunnel is opened, and what runs through the old one goes on", async () => {
  const { proxy, port, tunnels } = await supervisor();
  let credentials = await nodeCredentials("system:node:a");
  const renewed = new Set<() => void>();
  const onRenewal = (listener: () => void) => {
    renewed.add(listener);
    return () => renewed.delete(listener);
  };
  const { writable, readable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const handler: HttpHandler = (request, from) =>
    request.url.endsWith("/logs") ? new Response(readable) : echo(request, from);
  const { lines } = host(port, () => credentials(), handler, onRenewal);
  const logs = await proxy.fetch({ nodeName: "a", target: "/logs" }, new Request("http://x/"), connection);
  const text = logs.text();
  await writer.write(Buffer.from("before, "));
  credentials = await nodeCredentials("system:node:a");
  const before = tunnels.drainingCount("a");
  for (const listener of renewed) listener();
  await waitUntil(() => tunnels.drainingCount("a") > before);
  expect(await ask(proxy, "a")).toBe("200 /x");
  await writer.write(Buffer.from("after"));
  await writer.close();
  expect(await text).toBe("before, after");
  await waitUntil(() => tunnels.drainingCount("a") === 0);
  expect(await ask(proxy, "a")).toBe("200 /x");
  expect(lines).toEqual([]);
});

test("large answers pass and a slow reader holds up no other", async () => {
  const { proxy, port } = await supervisor();
  const big = Buffer.alloc(20_000_000, "x");
  host(port, await nodeCredentials("system:node:a"), (request) =>
    fixedResponse(request.url.endsWith("/big") ? big : "small"),
  );
  const slow = await proxy.fetch({ nodeName: "a", target: "/big" }, new Request("http://x/"), connection);
  expect(await ask(proxy, "a")).toBe("200 small");
  expect((await slow.arrayBuffer()).byteLength).toBe(big.length);
});

test("a host without a tunnel gives the error that kube-apiserver gives", async () => {
  const { proxy } = await supervisor(10);
  const failed = await ask(proxy, "absent").catch((error: Error) => error.message);
  expect(failed).toBe('error dialing backend: host "absent" has no tunnel to this supervisor, is it running');
});

test("the tunnel heals after the supervisor was away, and a request in between waits for it", async () => {
  const { proxy, port, stop, start } = await supervisor();
  host(port, await nodeCredentials("system:node:a"), echo);
  expect(await ask(proxy, "a", "/before")).toBe("200 /before");
  await stop();
  await start();
  expect(await ask(proxy, "a", "/after")).toBe("200 /after");
});

test("the tunnel heals after its connection was cut, and an answer under way ends with an error", async () => {
  const { proxy, port } = await supervisor();
  const sockets = new Set<Socket>();
  const middle = createServer((socket) => {
    const onward = connect(port, "127.0.0.1");
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on("error", () => {});
      end.on("close", () => {
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward).pipe(socket);
  }).listen(0, "127.0.0.1");
  await new Promise<void>((resolve) => middle.once("listening", () => resolve()));
  ends.push(async () => middle.close());
  const address = middle.address();
  const middlePort = address !== null && typeof address === "object" ? address.port : 0;
  host(middlePort, await nodeCredentials("system:node:a"), (request) =>
    request.url.endsWith("/hang") ? new Response(new ReadableStream({})) : echo(request, connection),
  );
  const hanging = await proxy.fetch({ nodeName: "a", target: "/hang" }, new Request("http://x/"), connection);
  for (const socket of sockets) socket.destroy();
  expect(await hanging.text().catch(() => "cut")).toBe("cut");
  expect(await ask(proxy, "a", "/again")).toBe("200 /again");
});

test("a newer tunnel of the same host replaces the older", async () => {
  const { proxy, port, tunnels } = await supervisor();
  const credentials = await nodeCredentials("system:node:a");
  const older = host(port, credentials, () => fixedResponse("older"));
  await waitUntil(() => tunnels.nodeNames.length === 1);
  host(port, credentials, () => fixedResponse("newer"));
  await waitUntil(() => older.lines.length > 0);
  await older.stop();
  expect(await ask(proxy, "a")).toBe("200 newer");
});

test.each([
  ["an administrator", "admin", ["system:masters"], 403],
  ["a node's name without its group", "system:node:a", [], 403],
  ["a node without a name", "system:node:", ["system:nodes"], 403],
])("%s gets no tunnel", async (_name, commonName, organizations, status) => {
  const { port, tunnels } = await supervisor();
  const { lines } = host(port, await nodeCredentials(commonName, organizations), echo);
  await waitUntil(() => lines.length > 0);
  expect(lines[0]).toContain(`The supervisor refused the tunnel with status ${status}`);
  expect(tunnels.nodeNames).toEqual([]);
});

test("a stranger's certificate of the same name gets no tunnel", async () => {
  const { port, tunnels } = await supervisor();
  const stranger = await CertificateAuthority.create("test-ca", nowMs);
  const { lines } = host(port, await nodeCredentials("system:node:a", ["system:nodes"], stranger), echo);
  await waitUntil(() => lines.length > 0);
  expect(tunnels.nodeNames).toEqual([]);
});

test("a host does not talk to a supervisor of another authority", async () => {
  const { port, tunnels } = await supervisor();
  const credentials = await nodeCredentials("system:node:a");
  const other = await CertificateAuthority.create("other-ca", nowMs);
  const { lines } = host(port, () => ({ ...credentials(), ca: other.certificatePem }), echo);
  await waitUntil(() => lines.length > 0);
  expect(lines[0]).toContain("Cannot reach the supervisor");
  expect(tunnels.nodeNames).toEqual([]);
});
