/** Parts of volumes, named outright or by variables, and images as volumes. */
import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { join } from "node:path";
import type { V1Pod, V1PodSpec, V1Volume } from "../../../supervisor/api/generated/types.ts";
import { root, run } from "../../framework/cluster.ts";
import { DockerRegistry } from "../../framework/docker-registry.ts";
import { MachineCluster, useMachines } from "../support/machine-cluster.ts";
import { PodSeries } from "../support/pod-series.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const machines = useMachines(import.meta.path);
const series = new PodSeries(machines);
const { image } = MachineCluster;
let registry: DockerRegistry;

beforeAll(async () => {
  registry = await DockerRegistry.start();
  const target = `docker://${registry.address}/files:1`;
  const copy = ["skopeo", "copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false"];
  const pushed = await run([...copy, `oci-archive:${join(root, "dist/images/demo.tar")}`, target]);
  if (pushed.code !== 0) throw new Error(pushed.stderr);
});

afterAll(() => registry?.stop());

const data = { "configmap-key": "configmap-value" };

async function createObjects(namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}`;
  const metadata = { name: "objects" };
  await machines.api.create(`${path}/configmaps`, { metadata, data });
  await machines.api.create(`${path}/secrets`, { metadata, data: { "secret-key": btoa("secret-value") } });
}

/** A Pod that mounts one file of a volume, and prints it. */
function filePod(source: Omit<V1Volume, "name">, subPath: string, mountPath = "/test-volume"): V1PodSpec {
  const volumeMounts = [{ name: "volume", mountPath, subPath }];
  const command = ["sh", "-c", `cat ${mountPath}; echo; sleep 240`];
  const securityContext = { runAsUser: 0 };
  return {
    containers: [{ name: "main", image, command, volumeMounts, securityContext }],
    volumes: [{ name: "volume", ...source }],
  };
}

function showsFile(spec: V1PodSpec, text: string) {
  return [
    async (namespace: string): Promise<void> => {
      await createObjects(namespace);
      await machines.create(namespace, "part", spec);
    },
    async (namespace: string): Promise<void> => {
      await machines.ready(namespace, "part");
      await machines.logHas(namespace, "part", text);
    },
  ] as const;
}

const configMap = { configMap: { name: "objects" } };
series.conformanceTest(
  "[sig-storage] Subpath Atomic writer volumes should support subpaths with secret pod [Conformance]",
  ...showsFile(filePod({ secret: { secretName: "objects" } }, "secret-key"), "secret-value"),
);
series.conformanceTest(
  "[sig-storage] Subpath Atomic writer volumes should support subpaths with configmap pod [Conformance]",
  ...showsFile(filePod(configMap, "configmap-key"), "configmap-value"),
);
series.conformanceTest(
  "[sig-storage] Subpath Atomic writer volumes should support subpaths with configmap pod with mountPath of existing file [Conformance]",
  ...showsFile(filePod(configMap, "configmap-key", "/etc/resolv.conf"), "configmap-value"),
);
series.conformanceTest(
  "[sig-storage] Subpath Atomic writer volumes should support subpaths with downward pod [Conformance]",
  ...showsFile(
    filePod(
      { downwardAPI: { items: [{ path: "downward/podname", fieldRef: { fieldPath: "metadata.name" } }] } },
      "downward/podname",
    ),
    "part",
  ),
);
series.conformanceTest(
  "[sig-storage] Subpath Atomic writer volumes should support subpaths with projected pod [Conformance]",
  ...showsFile(
    filePod({ projected: { sources: [configMap].map((source) => ({ ...source })) } }, "configmap-key"),
    "configmap-value",
  ),
);

/** A Pod that mounts its volume as a whole and by an expression. */
function expandingPod(name: object, script: string): V1PodSpec {
  const volumeMounts = [
    { name: "workdir", mountPath: "/logscontainer", subPathExpr: "$(POD_NAME)" },
    { name: "workdir", mountPath: "/testcontainer" },
  ];
  const env = [{ name: "POD_NAME", ...name }];
  const containers = [{ name: "main", image, command: ["sh", "-c", script], env, volumeMounts }];
  return { containers, volumes: [{ name: "workdir", emptyDir: {} }], restartPolicy: "Never" };
}

function waitsFor(reason: string): (pod: V1Pod) => boolean {
  return ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === reason;
}

async function failsToMount(namespace: string, message: string): Promise<void> {
  const reason = "CreateContainerConfigError";
  const pod = await machines.until(namespace, "expands", `waits for ${reason}`, waitsFor(reason));
  expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe(message);
}

series.conformanceTest(
  "[sig-node] Variable Expansion should allow substituting values in a volume subpath [Conformance]",
  (namespace) =>
    machines.create(
      namespace,
      "expands",
      expandingPod({ value: "foo" }, "echo x >/logscontainer/file; cat /testcontainer/foo/file; echo done"),
    ),
  async (namespace) => {
    await machines.ended(namespace, "expands");
    expect(await machines.log(namespace, "expands")).toBe("x\ndone\n");
  },
);
series.conformanceTest(
  "[sig-node] Variable Expansion should fail substituting values in a volume subpath with backticks [Conformance]",
  (namespace) => machines.create(namespace, "expands", expandingPod({ value: ".." }, "true")),
  (namespace) => failsToMount(namespace, "unable to provision SubPath `..`: must not contain '..'"),
);
series.conformanceTest(
  "[sig-node] Variable Expansion should fail substituting values in a volume subpath with absolute path [Conformance]",
  (namespace) => machines.create(namespace, "expands", expandingPod({ value: "/tmp" }, "true")),
  (namespace) => failsToMount(namespace, "error SubPath `/tmp` must not be an absolute path"),
);

const fromAnnotation = { valueFrom: { fieldRef: { fieldPath: "metadata.annotations['mysubpath']" } } };
async function annotate(namespace: string, value: string): Promise<void> {
  const body = { metadata: { annotations: { mysubpath: value } } };
  const headers = { "content-type": "application/merge-patch+json" };
  const path = `/api/v1/namespaces/${namespace}/pods/expands`;
  expect((await machines.api.call("PATCH", path, { body, headers })).status).toBe(200);
}

series.conformanceTest(
  "[sig-node] Variable Expansion should verify that a failing subpath expansion can be modified during the lifecycle of a container [Slow] [Conformance]",
  (namespace) =>
    machines.create(namespace, "expands", expandingPod(fromAnnotation, "ls /testcontainer; sleep 240"), {
      annotations: { notmysubpath: "mypath" },
    }),
  async (namespace) => {
    await failsToMount(namespace, "missing value for POD_NAME");
    await annotate(namespace, "mypath");
    await machines.ready(namespace, "expands");
    await machines.logHas(namespace, "expands", "mypath\n");
  },
);
series.conformanceTest(
  "[sig-node] Variable Expansion should succeed in writing subpaths in container [Conformance]",
  (namespace) =>
    machines.create(namespace, "expands", expandingPod(fromAnnotation, "sleep 240"), {
      annotations: { mysubpath: "mypath/foo" },
    }),
  async (namespace) => {
    await machines.ready(namespace, "expands");
    await machines.exec(namespace, "expands", "touch", "/logscontainer/test.log");
    expect(await machines.exec(namespace, "expands", "ls", "/testcontainer/mypath/foo")).toBe("test.log\n");
    await annotate(namespace, "mynewpath");
    expect(await machines.exec(namespace, "expands", "ls", "/testcontainer")).toBe("mypath\n");
    await machines.delete(namespace, "expands");
  },
);

series.conformanceTest(
  "[sig-node] ImageVolume should succeed with pod and pull policy of Always [LinuxOnly] [MinimumKubeletVersion:1.35] [Conformance]",
  (namespace) => {
    const source = { image: { reference: `${registry.address}/files:1`, pullPolicy: "Always" } };
    const volumeMounts = [
      { name: "files", mountPath: "/volume" },
      { name: "files", mountPath: "/part", subPath: "etc" },
    ];
    const script = "cat /volume/etc/group /part/group; touch /volume/x; sleep 240";
    return machines.create(namespace, "images", {
      containers: [{ name: "main", image, command: ["sh", "-c", script], volumeMounts }],
      volumes: [{ name: "files", ...source }],
    });
  },
  async (namespace) => {
    await machines.ready(namespace, "images");
    await machines.logHas(namespace, "images", "Read-only file system");
    const group = "root:x:0:\ndemo:x:1000:\n";
    expect(await machines.log(namespace, "images")).toStartWith(group + group);
  },
);
