/** Volumes on disks: the Pod's own, block devices by claims, and exports of an NFS server. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cluster, root } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { NfsServer } from "../framework/nfs-server.ts";
import { Pods, podManifest } from "../framework/pods.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

requirePrivateNetwork("e2e-claims");
const cluster = new Cluster(16_470);
const pods = new Pods(cluster);
const command = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.2; done"];
const devices: string[] = [];

beforeAll(async () => {
  await cluster.start();
  await cluster.addHost("box-1");
  await cluster.importImage("box-1", join(root, "dist/images/demo.tar"));
  await cluster.apply({
    ...{ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: growing } },
    ...{ provisioner: "kubernetes.io/no-provisioner", allowVolumeExpansion: true },
  });
});

afterAll(async () => {
  await cluster.remove();
  for (const device of devices) Bun.spawnSync(["losetup", "--detach", device]);
});

function pod(name: string, container: object, volumes: readonly object[], spec: object = {}): object {
  return podManifest(
    name,
    "pacific.local/demo:latest",
    { imagePullPolicy: "Never", command, ...container },
    { volumes, ...spec },
  );
}

async function shell(name: string, script: string): Promise<string> {
  return (await pods.exec(name, "sh", "-c", script)).trim();
}

const growing = "growing";

/** A claim that is bound to a volume of this source. */
async function claim(name: string, source: object): Promise<void> {
  const metadata = { name };
  const common = { accessModes: ["ReadWriteOnce"], storageClassName: growing };
  const { volumeMode = "Filesystem" } = source as { readonly volumeMode?: string };
  await cluster.apply({
    ...{ apiVersion: "v1", kind: "PersistentVolume", metadata },
    spec: { ...common, capacity: { storage: "32Mi" }, claimRef: { namespace: "default", name }, ...source },
  });
  const resources = { requests: { storage: "32Mi" } };
  await cluster.apply({
    ...{ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata },
    spec: { ...common, volumeName: name, volumeMode, resources },
  });
  const bound = JSON.stringify({ status: { phase: "Bound", capacity: { storage: "32Mi" } } });
  await cluster.kubectl("patch", "pvc", name, "--subresource=status", "--type=merge", "-p", bound);
}

async function patch(kind: string, name: string, change: object): Promise<void> {
  const { code, stderr } = await cluster.kubectl("patch", kind, name, "-p", JSON.stringify(change));
  if (code !== 0) throw new Error(stderr);
}

/** Takes a snapshot of a Pod's volume; resolves with its file. */
async function snapshot(name: string, volume: string): Promise<string> {
  const path = `/api/v1/nodes/box-1/proxy/snapshot/default/${name}/${volume}`;
  const { code, stdout, stderr } = await cluster.kubectl("create", "--raw", path, "-f", "/dev/null");
  if (code !== 0) throw new Error(stderr);
  const last = stdout.trim().split("\n").at(-1) ?? "";
  return JSON.parse(last).items[0];
}

const noServer = NfsServer.available() ? "" : " (skipped: no nfs-ganesha)";
describe.skipIf(noServer !== "")(`exports of an NFS server${noServer}`, () => {
  let server: NfsServer;
  let address: string;
  beforeAll(async () => {
    const folder = join(cluster.folder, "nfs");
    mkdirSync(folder);
    server = new NfsServer(folder);
    const { stdout } = await cluster.kubectl("get", "node", "box-1", "-o", "jsonpath={.spec.podCIDR}");
    // The bridge's, which Pods reach the host by.
    address = stdout.replace(/0\/\d+$/, "1");
  });
  afterAll(() => server.kill());

  test("are waited for while nobody serves them, then read and written, as a whole and in part", async () => {
    const nfs = { server: address, path: "/data" };
    const volumeMounts = [
      { name: "data", mountPath: "/data" },
      { name: "data", mountPath: "/part", subPath: "deep/er" },
      { name: "fixed", mountPath: "/fixed" },
      { name: "claim", mountPath: "/claim" },
    ];
    const volumes = [
      { name: "data", nfs },
      { name: "fixed", nfs: { ...nfs, readOnly: true } },
      { name: "claim", persistentVolumeClaim: { claimName: "exported" } },
    ];
    await claim("exported", { nfs, mountOptions: ["nfsvers=4.1", "noatime", "hard"] });
    writeFileSync(join(server.export, "from-server"), "hello\n");
    await cluster.apply(pod("client", { volumeMounts, securityContext: { runAsUser: 0 } }, volumes));
    // Its claim may be bound later than it is asked for, and that is told first.
    await pods.tells(
      "client",
      /Warning FailedMount MountVolume.SetUp failed for volume "data" : .*Connection refused/,
    );
    await server.start();
    await pods.ready("client");
    const said = await shell(
      "client",
      "cat /data/from-server /fixed/from-server /claim/from-server; echo deep >/part/file; echo more >/claim/from-pod; touch /fixed/x 2>&1; true",
    );
    expect(said).toBe("hello\nhello\nhello\ntouch: /fixed/x: Read-only file system");
    expect(readFileSync(join(server.export, "deep/er/file"), "utf8")).toBe("deep\n");
    expect(readFileSync(join(server.export, "from-pod"), "utf8")).toBe("more\n");
    const mounts = await shell("client", "grep nfs4 /proc/mounts");
    expect(mounts).toMatch(/\/data \/claim|\/claim nfs4 rw,.*noatime.*hard/);
    expect(mounts).toMatch(/\/fixed nfs4 ro,/);
    // A server that is gone holds up nobody who ends a Pod.
    await server.kill();
    await shell(
      "client",
      "(dd if=/dev/zero of=/data/held bs=64k count=16; cat /data/from-server) >/dev/null 2>&1 & echo",
    );
    await pods.remove("client");
  });
});

const noDisks = Bun.spawnSync(["losetup", "--find"]).exitCode === 0 ? "" : " (skipped: no loop devices here)";
describe.skipIf(noDisks !== "")(`block devices of the host${noDisks}`, () => {
  function loopDevice(name: string): string {
    const file = join(cluster.folder, name);
    writeFileSync(file, "");
    truncateSync(file, 32 << 20);
    const device = Bun.spawnSync(["losetup", "--find", "--show", file]).stdout.toString().trim();
    devices.push(device);
    return device;
  }

  const nodeAffinity = {
    required: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["box-1"] }] },
      ],
    },
  };

  test("are claimed raw and with a file system, and what is on them is there for the next Pod", async () => {
    await claim("raw", { local: { path: loopDevice("raw") }, nodeAffinity, volumeMode: "Block" });
    await claim("files", {
      local: { path: loopDevice("files"), fsType: "ext4" },
      nodeAffinity,
      mountOptions: ["noatime"],
    });
    const volumes = ["raw", "files"].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
    const user = { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000 };
    const container = {
      volumeDevices: [{ name: "raw", devicePath: "/dev/xvda" }],
      volumeMounts: [{ name: "files", mountPath: "/files" }],
    };
    await pods.run(pod("first", container, volumes, { securityContext: user }));
    const written =
      "printf block | dd of=/dev/xvda conv=notrunc,fsync 2>/dev/null; echo file >/files/file; sync";
    expect(
      await shell("first", `${written}; stat -c '%F %u %g' /dev/xvda; stat -c '%u %g %a' /files/file /files`),
    ).toBe("block special file 1000 3000\n1000 2000 644\n0 2000 2775");
    expect(await shell("first", "grep ' /files ' /proc/mounts")).toMatch(/ext4 rw,nodev,noatime/);
    const [files, raw] = [await snapshot("first", "files"), await snapshot("first", "raw")];
    const env = { LC_ALL: "C", PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
    expect(Bun.spawnSync(["debugfs", "-R", "cat /file", files], { env }).stdout.toString()).toBe("file\n");
    expect(readFileSync(raw).subarray(0, 5).toString()).toBe("block");
    await expect(snapshot("first", "none")).rejects.toThrow('volume "none" not found in pod "first"');
    await pods.remove("first");
    await pods.run(pod("second", container, volumes, { securityContext: user }));
    expect(await shell("second", "head -c 5 /dev/xvda; cat /files/file")).toBe("blockfile");
    const wrong = pod("wrong", { volumeMounts: [{ name: "raw", mountPath: "/raw" }] }, volumes);
    await cluster.apply(wrong);
    await pods.tells(
      "wrong",
      /FailedMount .*volume raw has volumeMode Block, but is specified in volumeMounts/,
    );
    await pods.remove("second", "wrong");
  });

  test("grow for their claims, while Pods use them and when they are mounted next", async () => {
    const device = loopDevice("grows");
    await claim("grows", { local: { path: device, fsType: "ext4" }, nodeAffinity });
    const resize = async (mebibytes: number): Promise<void> => {
      truncateSync(join(cluster.folder, "grows"), mebibytes << 20);
      Bun.spawnSync(["losetup", "--set-capacity", device]);
      const storage = `${mebibytes}Mi`;
      await patch("pvc", "grows", { spec: { resources: { requests: { storage } } } });
      await patch("pv", "grows", { spec: { capacity: { storage } } });
    };
    const room = async (): Promise<number> =>
      Number((await shell("grower", "df -m /files | tail -1")).split(/\s+/)[1]);
    const untilClaimed = (storage: string): Promise<unknown> =>
      eventually(`the claim has ${storage}`, 300_000, async () => {
        const path = "jsonpath={.status.capacity.storage}";
        return (await cluster.kubectl("get", "pvc", "grows", "-o", path)).stdout === storage;
      });
    const manifest = pod("grower", { volumeMounts: [{ name: "files", mountPath: "/files" }] }, [
      { name: "files", persistentVolumeClaim: { claimName: "grows" } },
    ]);
    await pods.run(manifest);
    expect(await room()).toBeLessThan(32);
    await resize(96);
    // The kubelet looks each minute, or when the Pod changes.
    await patch("pod", "grower", { metadata: { annotations: { look: "now" } } });
    await untilClaimed("96Mi");
    expect(await room()).toBeGreaterThan(80);
    expect(await pods.tells("grower", /FileSystemResizeSuccessful/)).toContain(
      'Normal FileSystemResizeSuccessful MountVolume.NodeExpandVolume succeeded for volume "grows" box-1',
    );
    await pods.remove("grower");
    await resize(160);
    await pods.run(manifest);
    await untilClaimed("160Mi");
    expect(await room()).toBeGreaterThan(140);
    await pods.remove("grower");
  });
});

describe("a Pod's own disk", () => {
  const write = (path: string): object => ({
    command: ["sh", "-c", `dd if=/dev/zero of=${path} bs=1M count=12 2>/dev/null; sleep 1000`],
    securityContext: { runAsUser: 0 },
  });

  async function evicted(name: string): Promise<string> {
    return await eventually(`Pod ${name} is evicted`, 300_000, async () => {
      const { status } = await pods.get(name);
      return status?.phase === "Failed" && `${status.reason}: ${status.message}`;
    });
  }

  test("has room beyond its limits, and who takes it is evicted", async () => {
    const volumes = [{ name: "data", emptyDir: { sizeLimit: "8Mi" } }];
    const volumeMounts = [{ name: "data", mountPath: "/data" }];
    await cluster.apply(pod("volume", { ...write("/data/x"), volumeMounts }, volumes));
    const resources = { limits: { "ephemeral-storage": "8Mi" } };
    await cluster.apply(pod("layer", { ...write("/x"), resources }, []));
    expect(await evicted("volume")).toBe(
      'Evicted: Usage of EmptyDir volume "data" exceeds the limit "8Mi". ',
    );
    expect(await evicted("layer")).toBe(
      "Evicted: Pod ephemeral local storage usage exceeds the total limit of containers 8Mi. ",
    );
    await pods.remove("volume", "layer");
  });
});
