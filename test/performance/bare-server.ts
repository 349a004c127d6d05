/**
 * The floor under an API server: `bun test/performance/bare-server.ts --data-dir DIR --write-kubeconfig FILE`.
 * TLS, HTTP, and a durable write of the bytes that came with one fsync for all of a turn; they are given back as they
 * are. A patch writes the object anew as it is. No schemas, no names, no watches. Bun.serve is the fastest HTTP server that there is for Bun.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeIdentity, writeKubeconfig } from "./load/bare-identity.ts";
import { BareStore } from "./load/bare-store.ts";

const { values } = parseArgs({
  options: { "data-dir": { type: "string" }, "write-kubeconfig": { type: "string" } },
});
const dataDir = values["data-dir"];
const kubeconfig = values["write-kubeconfig"];
if (dataDir === undefined || kubeconfig === undefined)
  throw new Error("Give --data-dir and --write-kubeconfig");
mkdirSync(dataDir, { recursive: true });
const store = new BareStore(join(dataDir, "bare.db"));

const headers = { "content-type": "application/json" };
const emptyList = JSON.stringify({ kind: "List", items: [], metadata: {} });

async function answer(request: Request): Promise<Response> {
  const path = request.url.slice(request.url.indexOf("/", 8));
  if (request.method === "POST") {
    const text = await request.text();
    const name = /"name":"([^"]+)"/.exec(text)?.[1] ?? "";
    await store.put(`${path}/${name}`, text);
    return new Response(text, { status: 201, headers });
  }
  if (request.method === "PATCH") {
    const key = path.replace(/\/status$/, "");
    const text = await request.text();
    const value = store.get(key) ?? text;
    await store.put(key, value);
    return new Response(value, { headers });
  }
  if (request.method === "DELETE") store.clear();
  const value = request.method === "GET" ? store.get(path) : undefined;
  return new Response(value ?? emptyList, { headers });
}

const identity = await makeIdentity();
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, tls: identity, fetch: answer });
writeKubeconfig(kubeconfig, server.port ?? 0, identity);
