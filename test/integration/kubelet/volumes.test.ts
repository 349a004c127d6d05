import { expect, test } from "bun:test";
import type { SandboxVolume } from "../../../agent/runtime/runtime.ts";
import type { V1ConfigMap } from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { KubeletRig, patienceMs } from "./kubelet-rig.ts";

const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "app" } };
const configMapResource = { group: "", version: "v1", resource: "configmaps" };
const conf = { name: "conf", mountPath: "/etc/conf" };
const volumeMounts = [
  { name: "conf", mountPath: "/etc/conf" },
  { name: "scratch", mountPath: "/scratch" },
];

test("a Pod's volumes are in its machine before its containers", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  await rig.create("serviceaccounts", account);
  await rig.create("configmaps", { metadata: { name: "settings" }, data: { color: "green" } });
  const sources = [
    { configMap: { name: "settings" } },
    { serviceAccountToken: { path: "token", expirationSeconds: 3607 } },
  ];
  const pod = await rig.createPod(
    "p",
    {
      serviceAccountName: "app",
      volumes: [
        { name: "conf", projected: { sources } },
        { name: "scratch", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
        { name: "unused", configMap: { name: "none" } },
      ],
      securityContext: { fsGroup: 70 },
    },
    { volumeMounts },
  );
  await rig.untilRunning("p");
  const [[sandbox, written] = ["", []]] = [...rig.runtime.volumes];
  expect(rig.runtime.running("web").sandboxId).toBe(sandbox);
  const [settings, scratch, access] = written;
  expect(scratch).toEqual({ name: "scratch", mode: 0o2777, group: 70, sizeBytes: 1 << 20, entries: [] });
  expect(settings).toMatchObject({ mode: 0o3777, group: 70 });
  const files = filesOf(settings);
  expect(files.get("color")).toBe("green");
  const claims = JSON.parse(Buffer.from(files.get("token")?.split(".")[1] ?? "", "base64url").toString());
  expect(claims.sub).toBe("system:serviceaccount:default:app");
  expect(claims["kubernetes.io"].pod).toEqual({ name: "p", uid: pod.metadata?.uid });
  expect(rig.runtime.containerConfigs[0]?.mounts).toEqual([
    { volume: "scratch", path: "/scratch", readOnly: false },
    { volume: "conf", path: "/etc/conf", readOnly: true },
    {
      volume: access?.name ?? "",
      path: "/var/run/secrets/kubernetes.io/serviceaccount",
      readOnly: true,
    },
  ]);
});

test("a Pod waits in ContainerCreating for what its volumes need, longer from time to time", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  const volumes = [
    { name: "conf", configMap: { name: "late" } },
    { name: "scratch", emptyDir: {} },
  ];
  await rig.createPod("p", { volumes }, { volumeMounts });
  expect(await rig.untilEvent("p", "FailedMount")).toBe(
    'MountVolume.SetUp failed for volume "conf" : configmap "late" not found',
  );
  await rig.untilWaiting("p", "ContainerCreating");
  expect(rig.runtime.containerConfigs).toEqual([]);
  await eventually("it is tried again", patienceMs, async () => {
    await rig.clock.advance(250);
    return (await rig.events("p")).some(({ reason, count }) => reason === "FailedMount" && (count ?? 0) >= 2);
  });
  await rig.create("configmaps", { metadata: { name: "late" }, data: { a: "b" } });
  await untilRunningInTime(rig);
  expect(rig.runtime.listPodSandboxes()).toHaveLength(1);
});

test("a container that ends is restarted with the volumes that it had, a new machine has new ones", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  await rig.create("configmaps", { metadata: { name: "settings" }, data: { color: "green" } });
  const volumes = [
    { name: "conf", configMap: { name: "settings" } },
    { name: "scratch", emptyDir: {} },
  ];
  await rig.createPod("p", { volumes }, { volumeMounts });
  await rig.untilRunning("p");
  const configMaps = rig.client.resource({ group: "", version: "v1", resource: "configmaps" }, "default");
  await configMaps.delete("settings");
  rig.runtime.exit(rig.runtime.running("web").id, 1);
  await rig.untilPod("p", "restarted", ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1);
  await rig.untilRunning("p");
  expect(rig.runtime.volumes.size).toBe(1);
  rig.runtime.breakSandbox(rig.runtime.running("web").sandboxId);
  await rig.untilEvent("p", "FailedMount", 'configmap "settings" not found');
  await rig.create("configmaps", { metadata: { name: "settings" }, data: { color: "red" } });
  await untilRunningInTime(rig);
  expect(rig.runtime.volumes.size).toBe(2);
});

test("volumes follow the objects that they name and the Pod itself, also over a restart", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  const configMaps = rig.client.resource<V1ConfigMap>(configMapResource, "default");
  await rig.create("configmaps", { metadata: { name: "settings" }, data: { color: "green" } });
  const labels = { path: "labels", fieldRef: { fieldPath: "metadata.labels" } };
  const sources = [
    { configMap: { name: "settings" } },
    { secret: { name: "late", optional: true } },
    { downwardAPI: { items: [labels] } },
  ];
  await rig.createPod("p", { volumes: [{ name: "conf", projected: { sources } }] }, { volumeMounts: [conf] });
  await rig.untilRunning("p");
  const [sandbox = ""] = rig.runtime.volumes.keys();
  const until = (wanted: Record<string, string>): Promise<unknown> =>
    eventually(`the volume holds ${JSON.stringify(wanted)}`, patienceMs, async () => {
      const volume = rig.runtime.volumes.get(sandbox)?.find(({ name }) => name === "conf");
      return Bun.deepEquals(Object.fromEntries(filesOf(volume)), wanted);
    });
  await until({ color: "green", labels: "" });
  await configMaps.patch("settings", { data: { color: null, size: "1" } }, "application/merge-patch+json");
  await until({ size: "1", labels: "" });
  await rig.create("secrets", { metadata: { name: "late" }, data: { word: "eA==" } });
  await until({ size: "1", labels: "", word: "x" });
  await rig.pods.patch("p", { metadata: { labels: { a: "b" } } }, "application/merge-patch+json");
  await until({ size: "1", labels: 'a="b"', word: "x" });
  const updates = rig.runtime.volumeUpdates;

  await rig.stopKubelet();
  await rig.clock.advance(1);
  await configMaps.patch("settings", { data: { size: "2" } }, "application/merge-patch+json");
  rig.startKubelet();
  await until({ size: "2", labels: 'a="b"', word: "x" });
  // The token is another one, too.
  expect(rig.runtime.volumeUpdates).toBeLessThanOrEqual(updates + 2);
  await configMaps.delete("settings");
  const gone = 'MountVolume.SetUp failed for volume "conf" : configmap "settings" not found';
  expect(await rig.untilEvent("p", "FailedMount", "settings")).toBe(gone);
});

test("a Pod's token is made anew when a fifth of its life is left", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  const sources = [{ serviceAccountToken: { path: "token", expirationSeconds: 7200 } }];
  await rig.createPod("p", { volumes: [{ name: "conf", projected: { sources } }] }, { volumeMounts: [conf] });
  await rig.untilRunning("p");
  const token = (): string | undefined => {
    const [volumes = []] = rig.runtime.volumes.values();
    return filesOf(volumes.find(({ name }) => name === "conf")).get("token");
  };
  const first = token();
  await eventually("the token's time is waited for", patienceMs, async () => rig.clock.pending > 0);
  await rig.clock.advance(0.79 * 7200_000);
  expect(token()).toBe(first);
  await rig.clock.advance(0.02 * 7200_000);
  await eventually("a new token", patienceMs, async () => token() !== first);
});

function filesOf(volume: SandboxVolume | undefined): Map<string, string> {
  return new Map(
    (volume?.entries ?? []).flatMap((entry) =>
      entry.kind === "file"
        ? [[entry.path.split("/")[1] ?? "", Buffer.from(entry.content).toString()] as const]
        : [],
    ),
  );
}

/** Moves the time on until the Pod's waits are over. */
async function untilRunningInTime(rig: KubeletRig): Promise<void> {
  await rig.untilPod("p", "ready", ({ status }) => {
    void rig.clock.advance(1000);
    return status?.containerStatuses?.[0]?.ready ?? false;
  });
}
