/** PersistentVolumes, their claims, and CSI volumes in a Pod. */
import { expect } from "bun:test";
import type {
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
} from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection, isNewer, labelled, nameOf } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();

interface VolumesAndClaims {
  readonly namespace: string;
  readonly volumes: Collection<V1PersistentVolume>;
  readonly claims: Collection<V1PersistentVolumeClaim>;
}

async function volumesAndClaims(): Promise<VolumesAndClaims> {
  const { api } = cluster;
  const namespace = await cluster.namespace("volumes");
  return {
    namespace,
    volumes: new Collection(api, "/api/v1/persistentvolumes"),
    claims: new Collection(api, `/api/v1/namespaces/${namespace}/persistentvolumeclaims`),
  };
}

/** A volume of a CSI driver that nobody runs and a claim of the same class. */
async function makeBoth({ namespace, volumes, claims }: VolumesAndClaims): Promise<[string, string]> {
  const accessModes = ["ReadWriteOnce"];
  const storage = { storage: "2Gi" };
  const volume = await volumes.create({
    metadata: { generateName: `${namespace}-`, labels: { test: namespace } },
    spec: {
      capacity: storage,
      accessModes,
      storageClassName: namespace,
      persistentVolumeReclaimPolicy: "Retain",
      csi: { driver: "csi.example.com", volumeHandle: "handle" },
    },
  });
  const claim = await claims.create({
    metadata: { generateName: "claim-" },
    spec: { accessModes, storageClassName: namespace, resources: { requests: storage } },
  });
  return [nameOf(volume), nameOf(claim)];
}

/** Patches one object's labels and finds it by them. */
async function checkPatchedLabel(
  objects: Collection<V1PersistentVolume> | Collection<V1PersistentVolumeClaim>,
  name: string,
): Promise<void> {
  const before = await objects.get(name);
  const patch = { metadata: { labels: { [name]: "patched" } } };
  const patched = await objects.patch(name, patch, { kind: "strategic-merge-patch" });
  expect(patched.metadata?.labels).toMatchObject({ [name]: "patched" });
  expect(isNewer(before, patched)).toBe(true);
  expect((await objects.items({ labelSelector: `${name}=patched` })).map(nameOf)).toEqual([name]);
  expect((await objects.get(name)).metadata?.uid).toBe(before.metadata?.uid ?? "");
}

conformanceTest(
  "[sig-storage] PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC [Conformance]",
  async () => {
    const both = await volumesAndClaims();
    const { namespace, volumes, claims } = both;
    const [volume, claim] = await makeBoth(both);
    expect((await volumes.items({ labelSelector: `test=${namespace}` })).map(nameOf)).toEqual([volume]);
    expect((await claims.items()).map(nameOf)).toEqual([claim]);
    await checkPatchedLabel(volumes, volume);
    await checkPatchedLabel(claims, claim);
    await claims.delete(claim);
    await claims.gone(claim);
    await volumes.delete(volume);
    await volumes.gone(volume);

    const [volume2, claim2] = await makeBoth(both);
    const updatedVolume = await volumes.update(volume2, (object) => labelled(object, volume2, "updated"));
    expect(updatedVolume.metadata?.labels).toMatchObject({ [volume2]: "updated", test: namespace });
    const updatedClaim = await claims.update(claim2, (object) => labelled(object, claim2, "updated"));
    expect(updatedClaim.metadata?.labels).toMatchObject({ [claim2]: "updated" });
    const allClaims = new Collection<V1PersistentVolumeClaim>(cluster.api, "/api/v1/persistentvolumeclaims");
    expect((await allClaims.items({ labelSelector: `${claim2}=updated` })).map(nameOf)).toEqual([claim2]);
    await claims.deleteAll({ labelSelector: `${claim2}=updated` });
    await claims.gone(claim2);
    await volumes.deleteAll({ labelSelector: `${volume2}=updated` });
    await volumes.gone(volume2);
  },
);

conformanceTest(
  "[sig-storage] PersistentVolumes CSI Conformance should apply changes to a pv/pvc status [Conformance]",
  async () => {
    const both = await volumesAndClaims();
    const { volumes, claims } = both;
    const [volume, claim] = await makeBoth(both);
    expect((await claims.get(claim, "status")).status?.phase).toBeOneOf(["Pending", "Bound"]);
    expect((await volumes.get(volume, "status")).status?.phase).toBeOneOf(["Pending", "Available", "Bound"]);

    const condition = { type: "Patched", status: "True", reason: "Test", message: "Set by a test" };
    const patch = { spec: { volumeName: "other" }, status: { conditions: [condition] } };
    const patchedClaim = await claims.patch(claim, patch, { subresource: "status" });
    expect(patchedClaim.status?.conditions).toMatchObject([condition]);
    // The status alone changes.
    expect(patchedClaim.spec?.volumeName).toBeUndefined();
    const status = { message: "Patched", reason: "Test" };
    const patchedVolume = await volumes.patch(volume, { status }, { subresource: "status" });
    expect(patchedVolume.status).toMatchObject(status);

    const another = { ...condition, type: "Updated" };
    const updatedClaim = await claims.update(
      claim,
      (object) => ({ ...object, status: { ...object.status, conditions: [condition, another] } }),
      "status",
    );
    expect(updatedClaim.status?.conditions).toMatchObject([condition, another]);
    const updatedVolume = await volumes.update(
      volume,
      (object) => ({ ...object, status: { ...object.status, message: "Updated" } }),
      "status",
    );
    expect(updatedVolume.status).toMatchObject({ reason: "Test", message: "Updated" });
    expect((await volumes.get(volume)).status).toEqual(updatedVolume.status ?? {});
  },
);

conformanceTest(
  "[sig-storage] CSIInlineVolumes should support CSIVolumeSource in Pod API [Conformance]",
  async () => {
    const namespace = await cluster.namespace("inline");
    const pods = new Collection<V1Pod>(cluster.api, `/api/v1/namespaces/${namespace}/pods`);
    const volumes = [
      { name: "plain", csi: { driver: "csi.example.com" } },
      { name: "formatted", csi: { driver: "csi.example.com", fsType: "ext4", readOnly: true } },
    ];
    const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/mnt/${name}` }));
    const containers = [{ name: "main", image: "busybox", command: ["ls", "/mnt"], volumeMounts }];
    const pod: V1Pod = { metadata: { name: "inline" }, spec: { containers, volumes } };
    const created = await pods.create(pod);
    // The third is that of the account's token.
    expect(created.spec?.volumes?.slice(0, 2)).toMatchObject(volumes);
    await expect(pods.create(pod)).rejects.toMatchObject({ code: 409, reason: "AlreadyExists" });
    const read = await pods.get("inline");
    expect(read.metadata?.uid).toBe(created.metadata?.uid ?? "");
    expect(read.spec?.volumes).toEqual(created.spec?.volumes ?? []);
    expect((await pods.items()).map(nameOf)).toEqual(["inline"]);
    const patched = await pods.patch("inline", { metadata: { annotations: { patched: "true" } } });
    expect(patched.metadata?.annotations).toMatchObject({ patched: "true" });
    await pods.delete("inline");
    await pods.gone("inline");
  },
);
