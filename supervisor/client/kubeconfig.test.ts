import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadKubeconfig, renderKubeconfig } from "./kubeconfig.ts";

let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pacific-kubeconfig-"));
});

afterEach(() => rmSync(directory, { recursive: true }));

function write(text: string): string {
  const path = join(directory, "config");
  writeFileSync(path, text);
  return path;
}

test("loadKubeconfig reads what renderKubeconfig wrote", async () => {
  const content = { caPem: "CA\n", certificatePem: "CERT\n", keyPem: "KEY\n" };
  const path = write(renderKubeconfig({ server: "https://127.0.0.1:6443", name: "default", ...content }));
  expect(await loadKubeconfig(path)).toEqual({
    transport: {
      server: "https://127.0.0.1:6443",
      caPem: "CA\n",
      insecureSkipTlsVerify: false,
      credentials: { certificatePem: "CERT\n", keyPem: "KEY\n" },
    },
    namespace: "default",
  });
});

test("loadKubeconfig takes a named context, files beside it and a token", async () => {
  writeFileSync(join(directory, "ca.pem"), "CA");
  writeFileSync(join(directory, "token"), "secret\n");
  const path = write(`
current-context: none
clusters: [{name: c, cluster: {server: "https://a:1", certificate-authority: ca.pem, tls-server-name: b}}]
users: [{name: u, user: {tokenFile: token}}]
contexts: [{name: x, context: {cluster: c, user: u, namespace: web}}]
`);
  expect(await loadKubeconfig(path, "x")).toEqual({
    transport: {
      server: "https://a:1",
      caPem: "CA",
      tlsServerName: "b",
      insecureSkipTlsVerify: false,
      credentials: { token: "secret" },
    },
    namespace: "web",
  });
  expect(loadKubeconfig(path)).rejects.toThrow(`Kubeconfig ${path} has no context "none"`);
});

test("loadKubeconfig refuses credentials that another program gives", async () => {
  const path = write(`
current-context: x
clusters: [{name: c, cluster: {server: "https://a:1"}}]
users: [{name: u, user: {exec: {command: aws}}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
`);
  expect(loadKubeconfig(path)).rejects.toThrow("another program");
});
