/** What Pods find in their volumes, in real machines. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { V1Container, V1PodSpec } from "../../supervisor/api/generated/types.ts";
import { Cluster, root, run } from "../framework/cluster.ts";
import { Pods } from "../framework/pods.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

requirePrivateNetwork("e2e-volumes");
const cluster = new Cluster(16450);
const pods = new Pods(cluster);
const tokenFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

beforeAll(async () => {
  await cluster.start();
  await cluster.addHost("box-1");
  await cluster.importImage("box-1", join(root, "dist/images/demo.tar"));
});

afterAll(() => cluster.remove());

function pod(name: string, container: Partial<V1Container>, spec: Partial<V1PodSpec> = {}): object {
  const main = {
    name: "main",
    image: "pacific.local/demo:latest",
    imagePullPolicy: "Never",
    command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.2; done"],
    ...container,
  };
  const own = { terminationGracePeriodSeconds: 1, containers: [main], ...spec };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, labels: { app: name } }, spec: own };
}

async function shell(name: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(
    "exec",
    name,
    "-c",
    "main",
    "--",
    "sh",
    "-c",
    script,
  );
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${stderr}`);
  return stdout.trim();
}

describe("a Pod's token", () => {
  test("is that of its ServiceAccount, and leads to the API", async () => {
    await cluster.kubectl("create", "serviceaccount", "app");
    await pods.run(pod("client", {}, { serviceAccountName: "app" }));
    expect(await shell("client", `cat ${tokenFolder}/namespace`)).toBe("default");
    const authority = join(cluster.folder, "ca.crt");
    writeFileSync(authority, `${await shell("client", `cat ${tokenFolder}/ca.crt`)}\n`);
    const token = await shell("client", `cat ${tokenFolder}/token`);
    const login = ["--server", `https://127.0.0.1:${cluster.port}`, "--certificate-authority", authority];
    const asked = ["--kubeconfig", "/dev/null", ...login, "--token", token, "auth", "whoami"];
    const { stdout } = await run([cluster.kubectlPath(), ...asked]);
    expect(stdout).toContain("system:serviceaccount:default:app");
    expect(stdout).toMatch(/pod-name +\[client\]/);
    expect(await shell("client", `touch ${tokenFolder}/x 2>&1 || true`)).toContain("Read-only file system");
    expect(filesWith(cluster.hostFolder("box-1"), token)).toEqual([]);

    await pods.run(pod("without", {}, { automountServiceAccountToken: false }));
    expect(await shell("without", `ls ${tokenFolder} 2>&1 || true`)).toContain("No such file or directory");
  });
});

describe("the volumes of a Pod", () => {
  test("hold what they name, for those who may read it", async () => {
    const large = "0123456789".repeat(90_000);
    const file = join(cluster.folder, "large");
    writeFileSync(file, large);
    const from = [`--from-file=large=${file}`, "--from-literal=color=green"];
    await cluster.kubectl("create", "configmap", "settings", ...from);
    await cluster.apply({
      ...{ apiVersion: "v1", kind: "Secret", metadata: { name: "login" } },
      stringData: { word: "open-sesame-5678" },
    });
    const sources = [
      { secret: { name: "login", items: [{ key: "word", path: "deep/word", mode: 0o400 }] } },
      { downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
      { configMap: { name: "settings", optional: true, items: [{ key: "none", path: "none" }] } },
    ];
    const volumeMounts = [
      { name: "conf", mountPath: "/etc/conf" },
      { name: "all", mountPath: "/etc/all" },
      { name: "scratch", mountPath: "/scratch" },
      { name: "memory", mountPath: "/scratch/memory" },
    ];
    const first = {
      name: "first",
      image: "pacific.local/demo:latest",
      imagePullPolicy: "Never",
      command: ["sh", "-c", "echo shared >/scratch/x"],
      volumeMounts: [{ name: "scratch", mountPath: "/scratch" }],
    };
    const spec = {
      securityContext: { runAsUser: 1234, fsGroup: 70 },
      initContainers: [first],
      volumes: [
        { name: "conf", configMap: { name: "settings" } },
        { name: "all", projected: { sources, defaultMode: 0o444 } },
        { name: "scratch", emptyDir: {} },
        { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "64Ki" } },
      ],
    };
    await pods.run(pod("reader", { volumeMounts }, spec));
    expect(await shell("reader", "cat /etc/conf/color /scratch/x")).toBe("greenshared");
    expect(await shell("reader", "md5sum </etc/conf/large")).toContain(
      new Bun.CryptoHasher("md5").update(large).digest("hex"),
    );
    expect(await shell("reader", "cat /etc/all/deep/word /etc/all/labels; ls /etc/all")).toBe(
      'open-sesame-5678app="reader"deep\nlabels',
    );
    const modes = `stat -L -c '%a %u %g' /etc/conf /etc/conf/color /etc/all/deep/word /scratch ${tokenFolder}/token`;
    expect((await shell("reader", modes)).split("\n")).toEqual([
      "3777 0 70",
      "644 0 70",
      "440 0 70",
      "2777 0 70",
      "640 1234 70",
    ]);
    expect(
      await shell("reader", "head -c 99999 /dev/zero >/scratch/memory/x || wc -c </scratch/memory/x"),
    ).toBe("65536");
    expect(filesWith(cluster.hostFolder("box-1"), "open-sesame-5678")).toEqual([]);
  });

  test("are waited for", async () => {
    const volumeMounts = [{ name: "conf", mountPath: "/etc/conf" }];
    const volumes = [{ name: "conf", configMap: { name: "late" } }];
    await cluster.apply(pod("patient", { volumeMounts }, { volumes }));
    const text = 'MountVolume.SetUp failed for volume "conf" : configmap "late" not found';
    expect(await pods.tells("patient", /FailedMount/)).toContain(text);
    expect((await cluster.kubectl("get", "pod", "patient")).stdout).toContain("ContainerCreating");
    await cluster.kubectl("create", "configmap", "late", "--from-literal=a=b");
    await pods.ready("patient");
    expect(await shell("patient", "cat /etc/conf/a")).toBe("b");
  });
});

/** The files below a folder that hold a text. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => {
    const file = join(folder, path);
    const status = statSync(file, { throwIfNoEntry: false });
    if (!status?.isFile() || status.size >= 8 << 20) return false;
    try {
      return readFileSync(file).includes(text);
    } catch (error) {
      if (existsSync(file)) throw error;
      return false; // It went between the two looks.
    }
  });
}

describe("folders of the host", () => {
  test("are seen live by their path and by a claim that is bound to them", async () => {
    const folder = join(cluster.folder, "shared");
    const metadata = { name: "shared" };
    await cluster.apply({
      ...{ apiVersion: "v1", kind: "PersistentVolume", metadata },
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        storageClassName: "",
        claimRef: { namespace: "default", name: "shared" },
        hostPath: { path: folder },
      },
    });
    await cluster.apply({
      ...{ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "",
        volumeName: "shared",
        resources: { requests: { storage: "1Gi" } },
      },
    });
    const bound = JSON.stringify({ status: { phase: "Bound" } });
    await cluster.kubectl("patch", "pvc", "shared", "--subresource=status", "--type=merge", "-p", bound);
    const volumeMounts = [
      { name: "path", mountPath: "/path" },
      { name: "claim", mountPath: "/claim", readOnly: true },
    ];
    const volumes = [
      { name: "path", hostPath: { path: folder, type: "DirectoryOrCreate" } },
      { name: "claim", persistentVolumeClaim: { claimName: "shared" } },
    ];
    await pods.run(pod("shares", { volumeMounts, securityContext: { runAsUser: 0 } }, { volumes }));
    writeFileSync(join(folder, "from-host"), "hello");
    expect(
      await shell("shares", "cat /claim/from-host; echo more > /path/from-pod; cat /claim/from-pod"),
    ).toBe("hellomore");
    expect(readFileSync(join(folder, "from-pod"), "utf8")).toBe("more\n");
    expect(await shell("shares", "touch /claim/x 2>&1 || true")).toContain("Read-only file system");
    await pods.remove("shares");
  });

  test("that are not what their type says keep a Pod waiting, with the reason", async () => {
    const volumeMounts = [{ name: "path", mountPath: "/path" }];
    const volumes = [{ name: "path", hostPath: { path: "/no/such/folder", type: "Directory" } }];
    await cluster.apply(pod("absent", { volumeMounts }, { volumes }));
    const text =
      'MountVolume.SetUp failed for volume "path" : hostPath type check failed: /no/such/folder is not a directory';
    expect(await pods.tells("absent", /FailedMount/)).toContain(`Warning FailedMount ${text}`);
    await pods.remove("absent");
  });
});
