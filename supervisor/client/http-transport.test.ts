import { afterAll, beforeAll, expect, test } from "bun:test";
import { createSecureServer, type Http2SecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { CertificateAuthority } from "../base/pki/certificate-authority.ts";
import { HttpTransport } from "./http-transport.ts";
import { createClient } from "./rest-client.ts";
import { TransportError } from "./transport-error.ts";

/** A TLS server that answers with the client's common name, and streams watch events at `?watch`. */
let server: Http2SecureServer;
let url = "";
let authority: CertificateAuthority;
const watchers: Array<{ write(text: string): void; end(): void }> = [];

beforeAll(async () => {
  const nowMs = Date.now();
  authority = CertificateAuthority.create("test-ca", nowMs);
  const alternativeNames = ["127.0.0.1"];
  const own = authority.issue({
    subject: { commonName: "s" },
    uses: ["server"],
    alternativeNames,
    nowMs,
  });
  server = createSecureServer({
    allowHTTP1: true,
    requestCert: true,
    rejectUnauthorized: false,
    ca: authority.certificatePem,
    cert: own.certificatePem,
    key: own.keyPem,
  });
  server.on("request", (request, response) => {
    if (request.url?.includes("watch")) {
      response.writeHead(200);
      response.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n');
      watchers.push(response);
      return;
    }
    // The requests of these tests come by HTTP/1.1 over TLS.
    const socket = request.socket as TLSSocket;
    const name = socket.authorized ? socket.getPeerCertificate().subject.CN : "anonymous";
    response.end(JSON.stringify({ name, token: request.headers.authorization }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  for (const watcher of watchers) watcher.end();
  server.close();
});

async function ask(transport: HttpTransport): Promise<unknown> {
  return await (await transport.fetch("/")).json();
}

async function failureOf(transport: HttpTransport): Promise<TransportError> {
  const error = await ask(transport).catch((thrown: unknown) => thrown);
  if (error instanceof TransportError) return error;
  throw new Error(`Not a TransportError: ${error}`);
}

test("HttpTransport trusts its CA alone, and says whom it did not trust", async () => {
  const stranger = CertificateAuthority.create("stranger", Date.now());
  const error = await failureOf(new HttpTransport({ server: url, caPem: stranger.certificatePem }));
  expect(error.kind).toBe("untrusted");
  expect(error.message).toContain(`The certificate of ${url} is not trusted`);
});

test("HttpTransport says that a server cannot be reached", async () => {
  const error = await failureOf(new HttpTransport({ server: "https://127.0.0.1:1" }));
  expect(error).toMatchObject({ kind: "unreachable" });
  expect(error.message).toBe(
    "Cannot reach https://127.0.0.1:1 (ECONNREFUSED): check the address and that the server runs",
  );
});

test("HttpTransport shows its certificate, and another one from when that is swapped", async () => {
  const issue = (commonName: string) =>
    authority.issue({ subject: { commonName }, uses: ["client"], nowMs: Date.now() });
  const transport = new HttpTransport({
    server: url,
    caPem: authority.certificatePem,
    credentials: issue("one"),
  });
  expect(await ask(transport)).toEqual({ name: "one" });
  transport.setCredentials(issue("two"));
  expect(await ask(transport)).toEqual({ name: "two" });
  transport.setCredentials({ token: "secret" });
  expect(await ask(transport)).toEqual({ name: "anonymous", token: "Bearer secret" });
});

test("a watch over HttpTransport yields events as they come, and ends with the server or the signal", async () => {
  const client = createClient(new HttpTransport({ server: url, caPem: authority.certificatePem }));
  const pods = client.resource({ group: "", version: "v1", resource: "pods" });
  const controller = new AbortController();
  const names: unknown[] = [];
  for await (const event of pods.watch({ signal: controller.signal })) {
    names.push(event.object.metadata?.name);
    if (names.length === 1) watchers.at(-1)?.write('{"type":"ADDED","object":{"metadata":{"name":"b"}}}\n');
    else watchers.at(-1)?.end();
  }
  for await (const event of pods.watch({ signal: controller.signal })) {
    names.push(event.object.metadata?.name);
    controller.abort();
  }
  expect(names).toEqual(["a", "b", "a"]);
});
