import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1PersistentVolumeSpec, V1Volume } from "../../../supervisor/api/generated/types.ts";
import type { MountedVolume } from "../../runtime/mounted-volume.ts";
import { type ClaimSource, servedVolume } from "./served-volume.ts";

const folder = mkdtempSync(join(tmpdir(), "pacific-served-"));
afterAll(() => rmSync(folder, { recursive: true }));
const pod = { metadata: { namespace: "space", name: "web", uid: "u" } };

function claims(spec?: V1PersistentVolumeSpec, phase = "Bound"): ClaimSource {
  return {
    claim: async (namespace, name) =>
      namespace === "space" && name === "data"
        ? { spec: { volumeName: "pv" }, status: { phase } }
        : undefined,
    persistentVolume: async (name) => (name === "pv" && spec ? { spec } : undefined),
  };
}

async function served(volume: Partial<V1Volume>, source = claims()): Promise<MountedVolume | undefined> {
  return (await servedVolume(pod, { name: "v", ...volume }, source))?.mounted;
}

test("folders and files of the host are made where their type says so", async () => {
  const path = join(folder, "a/b");
  expect(await served({ hostPath: { path, type: "DirectoryOrCreate" } })).toEqual({
    kind: "host",
    name: "v",
    path,
    readOnly: false,
  });
  expect(statSync(path).mode & 0o777).toBe(0o755);
  await served({ hostPath: { path: join(folder, "file"), type: "FileOrCreate" } });
  expect(statSync(join(folder, "file")).size).toBe(0);
  await served({ hostPath: { path: join(folder, "untyped") } });
  expect(statSync(join(folder, "untyped")).isDirectory()).toBe(true);
});

test.each([
  ["Directory", "file", "a directory"],
  ["File", ".", "a file"],
  ["Socket", "file", "a socket file"],
  ["CharDevice", "file", "a character device"],
  ["BlockDevice", "absent", "a block device"],
  ["DirectoryOrCreate", "file", "a directory"],
])("hostPath of type %s is refused for %s", async (type, name, wanted) => {
  writeFileSync(join(folder, "file"), "");
  const path = join(folder, name);
  const refused = served({ hostPath: { path, type } });
  await expect(refused).rejects.toThrow(`hostPath type check failed: ${path} is not ${wanted}`);
  expect(existsSync(join(folder, "absent"))).toBe(false);
});

test("an NFS server is named by its address, and claims lead to what they are bound to", async () => {
  expect(await served({ nfs: { server: "127.0.0.1", path: "/srv", readOnly: true } })).toEqual({
    kind: "nfs",
    name: "v",
    source: "127.0.0.1:/srv",
    options: "vers=4.1,addr=127.0.0.1",
    readOnly: true,
  });
  const nfs = { server: "127.0.0.1", path: "/srv" };
  const claim = { persistentVolumeClaim: { claimName: "data", readOnly: true } };
  expect(await served(claim, claims({ nfs, mountOptions: ["nfsvers=3", "nolock"] }))).toMatchObject({
    options: "vers=3,nolock,addr=127.0.0.1",
    readOnly: true,
  });
  expect(await served(claim, claims({ local: { path: folder } }))).toMatchObject({
    kind: "host",
    path: folder,
  });
  expect(await served({ emptyDir: {} })).toBeUndefined();
});

test.each([
  [{ claimName: "other" }, claims(), 'persistentvolumeclaim "other" not found'],
  [
    { claimName: "data" },
    claims({}, "Pending"),
    'PVC space/data has non-bound phase ("Pending") or empty pvc.Spec.VolumeName ("pv")',
  ],
  [{ claimName: "data" }, claims(), 'persistentvolume "pv" not found'],
  [
    { claimName: "data" },
    claims({ csi: { driver: "d", volumeHandle: "h" } }),
    "volume pv is of a kind that this host does not serve: expected hostPath, local or nfs",
  ],
])("the claim %j is refused with its reason", async (persistentVolumeClaim, source, text) => {
  await expect(served({ persistentVolumeClaim }, source)).rejects.toThrow(text);
});
