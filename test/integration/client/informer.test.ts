import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1ConfigMap } from "../../../supervisor/api/generated/types.ts";
import { HttpTransport } from "../../../supervisor/client/http-transport.ts";
import { createInformer } from "../../../supervisor/client/informer.ts";
import { loadKubeconfig } from "../../../supervisor/client/kubeconfig.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import type { KubernetesClient } from "../../../supervisor/client/types.ts";
import { freePort } from "../../framework/free-port.ts";
import { waitUntil } from "../../framework/wait-until.ts";

const configMaps = { group: "", version: "v1", resource: "configmaps" };
const program = new URL("../../../main.ts", import.meta.url).pathname;
let folder = "";
let port = 0;
let child: Bun.Subprocess | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "pacific-informer-"));
  port = await freePort();
});

afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<KubernetesClient> {
  const flags = ["--data-dir", folder, "--listen", `127.0.0.1:${port}`, "--disable", "scheduler,controllers"];
  child = Bun.spawn([process.execPath, program, "supervisor", ...flags], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  return await waitUntil(async () => {
    const config = await loadKubeconfig(join(folder, "kubeconfig.yaml")).catch(() => undefined);
    if (config === undefined) return undefined;
    const client = createClient(new HttpTransport(config.transport));
    const answer = await client.transport.fetch("/readyz").catch(() => undefined);
    return answer?.ok ? client : undefined;
  });
}

async function kill(): Promise<void> {
  child?.kill("SIGKILL");
  await child?.exited;
  child = undefined;
}

test("an informer loses nothing when the supervisor is killed and comes back", async () => {
  const client = await start();
  const maps = client.resource<V1ConfigMap>(configMaps, "default");
  const create = (name: string) => maps.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
  const informer = createInformer<V1ConfigMap>(client, configMaps, { namespace: "default" });
  const log: string[] = [];
  informer.addHandlers({
    onAdd: ({ metadata }) => void log.push(`add ${metadata?.name}`),
    onUpdate: ({ metadata }) => void log.push(`update ${metadata?.name}`),
    onDelete: ({ metadata }) => void log.push(`delete ${metadata?.name}`),
  });
  const controller = new AbortController();
  const running = informer.run(controller.signal);
  await informer.synced;
  await create("one");
  await create("two");
  await waitUntil(() => log.length === 2);
  await kill();
  await start();
  await maps.delete("one");
  await create("three");
  await maps.patch("two", { data: { key: "value" } }, "application/merge-patch+json");
  await waitUntil(() => log.length === 5);
  expect(log).toEqual(["add one", "add two", "delete one", "add three", "update two"]);
  controller.abort();
  await running;
});
