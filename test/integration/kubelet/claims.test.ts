/** Claims whose volumes have grown. The API is real, machines are in memory; a device that nobody opens is the disk. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  V1PersistentVolumeClaim,
  V1PersistentVolumeClaimStatus,
} from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { KubeletRig, patienceMs } from "./kubelet-rig.ts";

const folder = mkdtempSync(join(tmpdir(), "pacific-claims-"));
const device = join(folder, "device");
const isMade = Bun.spawnSync(["mknod", device, "b", "7", "1000"]).exitCode === 0;
const missing = isMade ? "" : " (skipped: no right to make a device node)";
afterAll(() => rmSync(folder, { recursive: true }));

const merge = "application/merge-patch+json";
const volumes = { group: "", version: "v1", resource: "persistentvolumes" };
const claims = { group: "", version: "v1", resource: "persistentvolumeclaims" };
const done = 'MountVolume.NodeExpandVolume succeeded for volume "data" n1';

/** A claim of 1Gi that is bound to a raw disk of this size. */
async function bind(rig: KubeletRig, size: string, status: V1PersistentVolumeClaimStatus = {}) {
  const common = { accessModes: ["ReadWriteOnce"], storageClassName: "local", volumeMode: "Block" };
  const nodeSelectorTerms = [{ matchExpressions: [{ key: "here", operator: "Exists" }] }];
  await rig.client.resource(volumes).create(
    // The client sends whatever an object has.
    Object.assign(
      { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "data" } },
      {
        spec: {
          ...{ ...common, capacity: { storage: size }, local: { path: device } },
          claimRef: { namespace: "default", name: "data" },
          nodeAffinity: { required: { nodeSelectorTerms } },
        },
      },
    ),
  );
  await claimsOf(rig).create({
    ...{ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data" } },
    spec: { ...common, volumeName: "data", resources: { requests: { storage: "1Gi" } } },
  });
  await tell(rig, { phase: "Bound", capacity: { storage: "1Gi" }, ...status });
}

function claimsOf(rig: KubeletRig) {
  return rig.client.resource<V1PersistentVolumeClaim>(claims, "default");
}

async function tell(rig: KubeletRig, status: V1PersistentVolumeClaimStatus): Promise<void> {
  await claimsOf(rig).patch("data", { status }, merge, "status");
}

async function createPod(rig: KubeletRig, readOnly = false): Promise<void> {
  rig.images.add("shop:1");
  const persistentVolumeClaim = { claimName: "data", readOnly };
  await rig.createPod(
    "p",
    { volumes: [{ name: "disk", persistentVolumeClaim }] },
    { volumeDevices: [{ name: "disk", devicePath: "/dev/xvda" }] },
  );
}

/** Waits until the claim is as `look` says, while time goes on. */
async function untilClaim(rig: KubeletRig, look: (status: V1PersistentVolumeClaimStatus) => boolean) {
  return await eventually("the claim's status", patienceMs, async () => {
    await rig.clock.advance(5000);
    const { status = {} } = await claimsOf(rig).get("data");
    return look(status) ? status : undefined;
  });
}

test.skipIf(!isMade)(
  `a volume grows while it is used, and its claim is told each step${missing}`,
  async () => {
    await using rig = await KubeletRig.start();
    await bind(rig, "1Gi");
    await createPod(rig);
    await rig.untilRunning("p");
    const { expansionFailures } = rig.runtime;
    expansionFailures.push(...Array<string>(1000).fill("no room"));
    await tell(rig, {
      allocatedResources: { storage: "2Gi" },
      allocatedResourceStatuses: { storage: "NodeResizePending" },
      conditions: [{ type: "FileSystemResizePending", status: "True" }],
    });
    await rig.client.resource(volumes).patch("data", { spec: { capacity: { storage: "2Gi" } } }, merge);
    const failed = await untilClaim(rig, ({ conditions = [] }) => conditions.length === 2);
    expect(failed).toMatchObject({
      capacity: { storage: "1Gi" },
      allocatedResourceStatuses: { storage: "NodeResizeInProgress" },
      conditions: [
        { type: "FileSystemResizePending" },
        { type: "NodeResizeError", status: "True", message: "failed to expand pvc with no room" },
      ],
    });
    expect(await rig.untilEvent("p", "VolumeResizeFailed")).toBe(
      'NodeExpandVolume.NodeExpandVolume failed for volume "data" : no room',
    );
    expansionFailures.length = 0;
    const grown = await untilClaim(rig, ({ capacity }) => capacity?.storage === "2Gi");
    expect(grown.allocatedResourceStatuses).toBeUndefined();
    expect(grown.conditions).toBeUndefined();
    for (const name of ["p", "data"])
      expect(await rig.untilEvent(name, "FileSystemResizeSuccessful")).toBe(done);
    expect(rig.runtime.expanded).toEqual([device]);
  },
);

test.skipIf(!isMade)(
  `a volume that grew while nobody used it grows when it is mounted${missing}`,
  async () => {
    await using rig = await KubeletRig.start();
    await bind(rig, "2Gi", { conditions: [{ type: "Resizing", status: "True" }] });
    rig.runtime.expansionFailures.push("no room");
    await createPod(rig);
    expect(await rig.untilEvent("p", "FailedMount")).toBe(
      'MountVolume.MountDevice failed while expanding volume for volume "data" : no room',
    );
    expect(rig.runtime.containerConfigs).toEqual([]);
    const grown = await untilClaim(rig, ({ capacity }) => capacity?.storage === "2Gi");
    expect(grown.conditions).toBeUndefined();
    await rig.untilRunning("p");
    expect(await rig.untilEvent("p", "FileSystemResizeSuccessful")).toBe(done);
    expect(rig.runtime.expanded).toEqual([device]);
  },
);

test.skipIf(!isMade)(
  `a volume that is only read, or that cannot grow, stays as it is${missing}`,
  async () => {
    await using rig = await KubeletRig.start();
    await bind(rig, "2Gi");
    await createPod(rig, true);
    await rig.untilRunning("p");
    expect(await rig.untilEvent("data", "FileSystemResizeFailed")).toBe(
      'MountVolume.NodeExpandVolume failed for volume "data" requested read-only file system',
    );
    await rig.pods.delete("p", { gracePeriodSeconds: 0 });
    await rig.untilGone("p");
    await tell(rig, { allocatedResourceStatuses: { storage: "NodeResizeInfeasible" } });
    await createPod(rig);
    await rig.untilRunning("p");
    expect(rig.runtime.expanded).toEqual([]);
  },
);
