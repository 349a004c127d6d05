/** The HTTP server on real TLS sockets: what only the sockets themselves can show. */
import { afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createHash, X509Certificate } from "node:crypto";
import { connect as connectPlain } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { fixedResponse } from "../../../supervisor/base/http/fixed-response.ts";
import { sendRequest } from "../../../supervisor/base/http/http-client.ts";
import type { HttpLimits, HttpOptions } from "../../../supervisor/base/http/http-options.ts";
import { listenTls } from "../../../supervisor/base/http/listen-tls.ts";
import {
  type Certificate,
  CertificateAuthority,
} from "../../../supervisor/base/pki/certificate-authority.ts";
import { eventually } from "../../framework/eventually.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const nowMs = Date.now();
const stopping: AbortController[] = [];
let authority: CertificateAuthority;
let serverLeaf: Certificate;

beforeAll(async () => {
  authority = await CertificateAuthority.create("test-ca", nowMs);
  const subject = { commonName: "kube-apiserver" };
  serverLeaf = await authority.issue({ subject, uses: ["server"], alternativeNames: ["127.0.0.1"], nowMs });
});

afterEach(() => {
  for (const controller of stopping.splice(0)) controller.abort();
});

function listen(handler: HttpOptions["handler"], limits: Partial<HttpLimits> = {}) {
  const controller = new AbortController();
  stopping.push(controller);
  return listenTls({
    host: "127.0.0.1",
    port: 0,
    key: serverLeaf.keyPem,
    cert: serverLeaf.certificatePem,
    clientCa: authority.certificatePem,
    handler,
    limits,
    signal: controller.signal,
    drainMs: 100,
  });
}

function dial(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ca: authority.certificatePem, ...options });
    socket.once("secureConnect", () => resolve(socket));
    socket.once("error", reject);
  });
}

async function ask(port: number, options: ConnectionOptions = {}): Promise<string> {
  const answer = await sendRequest(await dial(port, options), { method: "GET", target: "/", headers: [] });
  return answer.kind === "response" ? answer.response.text() : answer.kind;
}

const showPeer: HttpOptions["handler"] = (_request, { peer, remoteAddress }) =>
  fixedResponse(JSON.stringify({ peer: peer ?? null, remoteAddress }));

test("the client's certificate is shown when its authority is the cluster's, with all its groups", async () => {
  const { port } = await listen(showPeer);
  const subject = { commonName: "jane", organizations: ["dev", "ops"] };
  const leaf = await authority.issue({ subject, uses: ["client"], nowMs });
  const jane = { key: leaf.keyPem, cert: leaf.certificatePem };
  const leafCertificate = new X509Certificate(leaf.certificatePem);
  const fingerprint = createHash("sha256").update(leafCertificate.raw).digest("hex");
  expect(JSON.parse(await ask(port, jane))).toEqual({
    peer: { ...subject, fingerprint, expiresMs: Date.parse(leafCertificate.validTo) },
    remoteAddress: "127.0.0.1",
  });
  expect(JSON.parse(await ask(port)).peer).toBeNull();
});

test.each([
  [
    "a stranger's authority of the same name",
    async () => CertificateAuthority.create("test-ca", nowMs),
    nowMs,
  ],
  ["an expired certificate", async () => authority, nowMs - 30 * 24 * 3600_000],
])("%s counts as none", async (_name, issuer, issuedMs) => {
  const { port } = await listen(showPeer);
  const by = await issuer();
  const subject = { commonName: "admin", organizations: ["system:masters"] };
  const leaf = await by.issue({ subject, uses: ["client"], nowMs: issuedMs, lifeMs: 24 * 3600_000 });
  const answer = await ask(port, { key: leaf.keyPem, cert: leaf.certificatePem }).catch(
    () => '{"peer":null}',
  );
  expect(JSON.parse(answer).peer).toBeNull();
});

test("a certificate for servers is no client's", async () => {
  const { port } = await listen(showPeer);
  const answer = await ask(port, { key: serverLeaf.keyPem, cert: serverLeaf.certificatePem }).catch(
    () => '{"peer":null}',
  );
  expect(JSON.parse(answer).peer).toBeNull();
});

test("a client that stops reading is dropped, and little is kept for it until then", async () => {
  let pulledBytes = 0;
  let cancelled = false;
  const body = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        pulledBytes += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
      cancel() {
        cancelled = true;
      },
    });
  const { port } = await listen(() => new Response(body()), { writeStallMs: 300 });
  const socket = await dial(port);
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  socket.pause();
  await eventually("the answer's stream is cancelled", 10_000, () => cancelled);
  // What the kernels of both sides take goes beyond what the server keeps.
  expect(pulledBytes).toBeLessThan(16 * 1024 * 1024);
  socket.destroy();
});

test("a body that is not read holds its sender up", async () => {
  const { promise: go, resolve: release } = Promise.withResolvers<void>();
  const { port } = await listen(async (request) => {
    await go;
    return fixedResponse(String((await request.arrayBuffer()).byteLength));
  });
  const socket = await dial(port);
  const total = 64 * 1024 * 1024;
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${total}\r\nConnection: close\r\n\r\n`);
  let sent = 0;
  const chunk = Buffer.alloc(64 * 1024);
  const send = (): void => {
    while (sent < total) {
      sent += chunk.length;
      if (!socket.write(chunk)) return;
    }
  };
  socket.on("drain", send);
  send();
  let before = -1;
  await eventually("the sender is held up", 10_000, () => {
    const still = before === sent;
    before = sent;
    return still;
  });
  expect(sent).toBeLessThan(total / 2);
  release();
  let text = "";
  socket.on("data", (bytes) => {
    text += bytes;
  });
  await new Promise((resolve) => socket.once("close", resolve));
  expect(text).toEndWith(String(total));
});

test("a large answer passes whole, kept connections are reused, and stopping ends them", async () => {
  const big = "x".repeat(30_000_000);
  const { port, closed } = await listen((request) =>
    fixedResponse(request.url.endsWith("/big") ? big : "small"),
  );
  const socket = await dial(port);
  let bytes = 0;
  let ended = false;
  socket.on("data", (chunk) => {
    bytes += chunk.length;
  });
  socket.on("end", () => {
    ended = true;
  });
  socket.write("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  await eventually("the large answer is there", 10_000, () => bytes > big.length);
  const after = bytes;
  socket.write("GET /small HTTP/1.1\r\nHost: x\r\n\r\n");
  await eventually("the small answer is there", 10_000, () => bytes > after);
  stopping.at(-1)?.abort();
  await closed;
  await eventually("the kept connection has ended", 10_000, () => ended);
});

test("garbage instead of a handshake, and a client that breaks off, harm nobody", async () => {
  const { port } = await listen(showPeer);
  for (let i = 0; i < 20; i++) {
    const socket = connectPlain({ port, host: "127.0.0.1" });
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\n\r\n");
    if (i % 2 === 0) socket.once("connect", () => socket.resetAndDestroy());
    const secure = await dial(port);
    secure.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab");
    secure.destroy();
    socket.destroy();
  }
  expect(JSON.parse(await ask(port)).remoteAddress).toBe("127.0.0.1");
});

test("a port in use is an error with its code", async () => {
  const { port } = await listen(showPeer);
  const again = listenTls({
    host: "127.0.0.1",
    port,
    key: serverLeaf.keyPem,
    cert: serverLeaf.certificatePem,
    handler: showPeer,
    signal: new AbortController().signal,
  });
  await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("a handshake may take as long as a request's head, and no longer", async () => {
  const { port } = await listen(showPeer, { headMs: 50 });
  const beganMs = performance.now();
  const silent = connectPlain({ port, host: "127.0.0.1" });
  silent.on("error", () => {});
  await new Promise((resolve) => silent.once("close", resolve));
  // Node's own limit, where none is set, is two minutes.
  expect(performance.now() - beganMs).toBeLessThan(9000);
});
