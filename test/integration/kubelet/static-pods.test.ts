/** Pods of manifests in the host's folder, and what the API shows of them. */
import { expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { KubeletRig, patienceMs } from "./kubelet-rig.ts";

function write(rig: KubeletRig, file: string, manifest: object | string): void {
  mkdirSync(rig.manifests, { recursive: true });
  const text = typeof manifest === "string" ? manifest : JSON.stringify(manifest);
  writeFileSync(join(rig.manifests, file), text);
}

function podManifest(name: string, image = "shop:1"): object {
  const containers = [{ name: "web", image, imagePullPolicy: "IfNotPresent" }];
  return { apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers } };
}

/** Waits while the clock runs on a little: the folder is read a while after a change. */
async function until(rig: KubeletRig, what: string, check: () => Promise<boolean> | boolean): Promise<void> {
  await eventually(what, patienceMs, async () => {
    await rig.clock.advance(100);
    return await check();
  });
}

const sandboxes = (rig: KubeletRig) => rig.runtime.listPodSandboxes().map(({ metadata }) => metadata);
const isReady = ({ status }: V1Pod) =>
  status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") === true;

async function mirror(rig: KubeletRig, name: string): Promise<V1Pod | undefined> {
  return (await rig.pods.list()).items.find(({ metadata }) => metadata?.name === name);
}

test("static Pods run, and the API shows each by a mirror with its status", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1", true);
  write(rig, "one.json", podManifest("one"));
  write(
    rig,
    "two.yaml",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: two}\nspec: {containers: [{name: web, image: 'shop:1'}]}",
  );
  write(rig, ".hidden", podManifest("hidden"));
  write(rig, "notes.txt", "nothing");
  for (const name of ["one-n1", "two-n1"]) {
    await until(rig, `${name} is Ready`, async () => {
      const shown = await mirror(rig, name);
      return shown !== undefined && isReady(shown);
    });
  }
  expect(
    sandboxes(rig)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["one-n1", "two-n1"]);
  const shown = await mirror(rig, "one-n1");
  const uid = sandboxes(rig).find(({ name }) => name === "one-n1")?.uid ?? "";
  expect(shown?.metadata?.uid).not.toBe(uid);
  expect(shown?.metadata?.annotations).toEqual({
    "kubernetes.io/config.source": "file",
    "kubernetes.io/config.hash": uid,
    "kubernetes.io/config.mirror": uid,
  });
  expect(shown?.metadata?.ownerReferences).toMatchObject([{ kind: "Node", name: "n1", controller: true }]);
  expect((await rig.pods.list()).items).toHaveLength(2);
});

test("a mirror that is deleted comes back, and its Pod goes on", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1", true);
  write(rig, "one.json", podManifest("one"));
  await until(rig, "the mirror is there", async () => (await mirror(rig, "one-n1")) !== undefined);
  const before = await mirror(rig, "one-n1");
  const machines = rig.runtime.listPodSandboxes().map(({ id }) => id);
  await rig.pods.delete("one-n1");
  await until(rig, "another mirror shows the Pod", async () => {
    const now = await mirror(rig, "one-n1");
    return now !== undefined && now.metadata?.uid !== before?.metadata?.uid && isReady(now);
  });
  expect(rig.runtime.listPodSandboxes().map(({ id }) => id)).toEqual(machines);
});

test("a changed manifest is another Pod, one that cannot be read leaves it, one that goes ends it", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1", true);
  write(rig, "one.json", podManifest("one"));
  await until(rig, "the Pod has its machine", () => sandboxes(rig).length === 1);
  const [first] = sandboxes(rig);
  write(rig, "one.json", "{ half a manifest");
  write(rig, "two.json", podManifest("two"));
  await until(rig, "the second has its machine", () => sandboxes(rig).some(({ name }) => name === "two-n1"));
  expect(sandboxes(rig).map(({ uid }) => uid)).toContain(first?.uid ?? "");
  write(rig, "one.json", { ...podManifest("one"), metadata: { name: "one", labels: { version: "2" } } });
  await until(rig, "the new Pod is shown", async () => {
    const now = await mirror(rig, "one-n1");
    return now?.metadata?.labels?.version === "2" && isReady(now);
  });
  expect(sandboxes(rig).map(({ uid }) => uid)).not.toContain(first?.uid ?? "");
  rmSync(join(rig.manifests, "one.json"));
  await until(rig, "Pod and mirror are gone", async () => {
    return (await mirror(rig, "one-n1")) === undefined && sandboxes(rig).length === 1;
  });
});

test("a static Pod is the same after a restart, and one without a manifest is removed", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1", true);
  write(rig, "one.json", podManifest("one"));
  write(rig, "two.json", podManifest("two"));
  await until(rig, "both have machines", () => sandboxes(rig).length === 2);
  const kept = rig.runtime.listPodSandboxes().find(({ metadata }) => metadata.name === "one-n1")?.id;
  await rig.stopKubelet();
  rmSync(join(rig.manifests, "two.json"));
  rig.startKubelet();
  await until(rig, "the other is gone", async () => {
    return sandboxes(rig).length === 1 && (await mirror(rig, "two-n1")) === undefined;
  });
  expect(rig.runtime.listPodSandboxes().map(({ id }) => id)).toEqual([kept ?? ""]);
});
