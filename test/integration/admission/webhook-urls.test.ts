/** Webhooks that are named by an URL: whom the API server takes for them, and what it does not put up with. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "../../framework/certificates.ts";
import { TestApiServer } from "../../framework/test-api-server.ts";

const configurations = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
const configMaps = "/api/v1/namespaces/default/configmaps";
const folder = mkdtempSync(join(tmpdir(), "pacific-webhook-urls-"));
const own = makeCertificate(folder, "own");
const other = makeCertificate(folder, "other");
const chunk = new Uint8Array(1 << 20);
const agents: string[] = [];
let sentMiB = 0;
let server: TestApiServer;
let webhook: ReturnType<typeof Bun.serve>;

beforeAll(async () => {
  webhook = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: readFileSync(own.certificatePath, "utf8"), key: readFileSync(own.keyPath, "utf8") },
    fetch: answer,
  });
  server = await TestApiServer.start();
});

afterAll(async () => {
  await server.close();
  await webhook.stop(true);
  rmSync(folder, { recursive: true, force: true });
});

async function answer(request: Request): Promise<Response> {
  agents.push(request.headers.get("user-agent") ?? "");
  // The API server sends nothing else.
  const { request: review } = (await request.json()) as { readonly request: { readonly uid: string } };
  switch (new URL(request.url).pathname) {
    case "/redirect":
      return Response.redirect("/ok", 307);
    case "/page":
      return new Response("<html>");
    case "/endless":
      return new Response(
        new ReadableStream({
          pull(controller) {
            sentMiB++;
            controller.enqueue(chunk);
          },
        }),
      );
    default: {
      const response = { uid: review.uid, allowed: true };
      return Response.json({ kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1", response });
    }
  }
}

interface Asked {
  readonly host?: string;
  readonly port?: number;
  readonly ca?: string;
}

/** What becomes of a write that a webhook at this path is asked about; empty where it is stored. */
async function said(path: string, { host = "127.0.0.1", port = webhook.port ?? 0, ca }: Asked = {}) {
  const caBundle = readFileSync(ca ?? own.certificatePath).toString("base64");
  const body = {
    metadata: { name: "by-url" },
    webhooks: [
      {
        name: "by-url.example.com",
        clientConfig: { url: `https://${host}:${port}${path}`, caBundle },
        rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }],
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
      },
    ],
  };
  expect((await server.call("POST", configurations, { body })).status).toBe(201);
  const written = await server.call("POST", configMaps, { body: { metadata: { generateName: "c-" } } });
  await server.call("DELETE", `${configurations}/by-url`);
  if (written.status === 201) return "";
  const [, why = written.text] =
    /failed to call webhook: (?:Post "[^"]*": )?(.*)$/.exec(written.body.message) ?? [];
  return why;
}

test("a webhook is who its authority says, also when another name or authority was asked before", async () => {
  expect(await said("/ok")).toBe("");
  expect(await said("/ok", { host: "localhost" })).toBe("");
  expect(await said("/ok", { ca: other.certificatePath })).toBe(
    "tls: failed to verify certificate: x509: certificate signed by unknown authority",
  );
  expect(await said("/ok")).toBe("");
  expect(agents[0]).toBe("kube-apiserver-admission");
});

test("what is not there, redirects, or is no answer is told in words that people know", async () => {
  expect(await said("/ok", { port: 1 })).toBe("dial tcp 127.0.0.1:1: connect: connection refused");
  expect(await said("/redirect")).toBe(
    "the webhook attempted to redirect this request, which is not permitted",
  );
  expect(await said("/page")).toStartWith("the answer is no JSON: ");
});

test("of an answer without end no more is read than an answer may have", async () => {
  expect(await said("/endless")).toBe("the answer is larger than 3 MiB");
  expect(sentMiB).toBeLessThan(100);
});
