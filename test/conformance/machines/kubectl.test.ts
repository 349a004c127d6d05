/** What kubectl does to Pods that run, and to what makes them. */
import { expect } from "bun:test";
import type {
  V1EndpointSlice,
  V1Pod,
  V1PodList,
  V1Service,
} from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { MachineCluster, useMachines } from "../support/machine-cluster.ts";
import { PodSeries } from "../support/pod-series.ts";

const machines = useMachines(import.meta.path);
const series = new PodSeries(machines);
const { image, node } = MachineCluster;
const patienceMs = 120_000;

/** Runs kubectl in the namespace and returns what it prints; throws where it fails. */
async function kubectl(namespace: string, ...args: readonly string[]): Promise<string> {
  const result = await machines.cluster.kubectl("-n", namespace, ...args);
  if (result.code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

const controllersPath = (namespace: string): string =>
  `/api/v1/namespaces/${namespace}/replicationcontrollers`;

/** Makes a controller of Pods that print their name and wait. */
function createController(namespace: string, name: string, replicas = 1): Promise<object> {
  const labels = { app: name, role: "primary" };
  const command = ["sh", "-c", "echo ready; sleep 1000"];
  const ports = [{ name: "server", containerPort: 6379 }];
  const container = { name, image, imagePullPolicy: "Never", command, ports };
  return machines.api.create<object>(controllersPath(namespace), {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name, labels },
    spec: {
      replicas,
      selector: labels,
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } },
    },
  });
}

/** Waits until so many Pods of the controller are Ready and no others are there; returns them. */
async function readyPods(namespace: string, app: string, count: number): Promise<readonly V1Pod[]> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`;
  const isReady = ({ status }: V1Pod): boolean =>
    status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") === true;
  return await eventually(`${count} Pods of ${app} are Ready`, patienceMs, async () => {
    const { items } = await machines.api.get<V1PodList>(path);
    return items.length === count && items.every(isReady) ? items : undefined;
  });
}

const nameOf = ({ metadata }: V1Pod | undefined = {}): string => metadata?.name ?? "";

series.conformanceTest(
  "[sig-cli] Kubectl client Update Demo should create and stop a replication controller [Conformance]",
  (namespace) => createController(namespace, "demo", 2),
  async (namespace) => {
    await readyPods(namespace, "demo", 2);
    await kubectl(namespace, "delete", "--grace-period=0", "--force", "rc", "demo");
    expect(await kubectl(namespace, "get", "rc,svc", "-l", "app=demo", "--no-headers")).toBe("");
    await eventually("the Pods are gone", patienceMs, async () => {
      return (await kubectl(namespace, "get", "pods", "-l", "app=demo", "-o", "name")) === "";
    });
  },
);

series.conformanceTest(
  "[sig-cli] Kubectl client Update Demo should scale a replication controller [Conformance]",
  (namespace) => createController(namespace, "demo", 2),
  async (namespace) => {
    await readyPods(namespace, "demo", 2);
    await kubectl(namespace, "scale", "rc", "demo", "--replicas=1", "--timeout=5m");
    await readyPods(namespace, "demo", 1);
    await kubectl(namespace, "scale", "rc", "demo", "--replicas=2", "--timeout=5m");
    await readyPods(namespace, "demo", 2);
  },
);

series.conformanceTest(
  "[sig-cli] Kubectl client Kubectl describe should check if kubectl describe prints relevant information for rc and pods [Conformance]",
  (namespace) => createController(namespace, "primary"),
  async (namespace) => {
    const [pod] = await readyPods(namespace, "primary", 1);
    await kubectl(namespace, "expose", "rc", "primary", "--port=6379", "--target-port=server");
    const ofPod = await kubectl(namespace, "describe", "pod", nameOf(pod));
    for (const line of [
      ...[
        /^Name:\s+primary-/m,
        new RegExp(`^Namespace:\\s+${namespace}$`, "m"),
        new RegExp(`^Node:\\s+${node}/`, "m"),
      ],
      ...[/^Labels:\s+app=primary$/m, /role=primary/, /^Status:\s+Running$/m, /^IP:\s+\d+\./m],
      ...[
        /^Controlled By:\s+ReplicationController\/primary$/m,
        /Image:\s+pacific\.local\/demo/,
        /State:\s+Running/,
      ],
      /Normal\s+Started\s/,
    ]) {
      expect(ofPod).toMatch(line);
    }
    const ofController = await kubectl(namespace, "describe", "rc", "primary");
    for (const line of [
      ...[/^Name:\s+primary$/m, /^Selector:\s+app=primary,role=primary$/m, /^Annotations:\s/m],
      ...[
        /^Replicas:\s+1 current \/ 1 desired$/m,
        /^Pods Status:\s+1 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed$/m,
      ],
      ...[/Port:\s+6379\/TCP/, /Normal\s+SuccessfulCreate\s/],
    ]) {
      expect(ofController).toMatch(line);
    }
    const ofService = await kubectl(namespace, "describe", "service", "primary");
    for (const line of [
      /^Type:\s+ClusterIP$/m,
      /^IP:\s+\d/m,
      /^TargetPort:\s+server\/TCP$/m,
      /^Endpoints:\s/m,
    ]) {
      expect(ofService).toMatch(line);
    }
    const ofNode = await kubectl(namespace, "describe", "node", node);
    for (const line of [
      /^Labels:\s/m,
      /^CreationTimestamp:\s/m,
      /^Conditions:$/m,
      /Kubelet Version:\s+v1/,
      /^Capacity:$/m,
    ]) {
      expect(ofNode).toMatch(line);
    }
    expect(await kubectl(namespace, "describe", "namespace", namespace)).toMatch(/^Status:\s+Active$/m);
  },
);

series.conformanceTest(
  "[sig-cli] Kubectl client Kubectl expose should create services for rc [Conformance]",
  (namespace) => createController(namespace, "primary"),
  async (namespace) => {
    const [pod] = await readyPods(namespace, "primary", 1);
    const check = async (name: string, port: number): Promise<void> => {
      const service = await machines.api.get<V1Service>(`/api/v1/namespaces/${namespace}/services/${name}`);
      expect(service.spec?.ports).toMatchObject([{ port, targetPort: 6379 }]);
      const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
      const query = `?labelSelector=kubernetes.io%2Fservice-name%3D${name}`;
      await eventually(`${name} leads to the Pod`, 30_000, async () => {
        const { items } = await machines.api.get<{ items: V1EndpointSlice[] }>(`${slices}${query}`);
        return items.some(({ endpoints, ports }) => {
          const isPod = endpoints?.some(({ targetRef }) => targetRef?.name === nameOf(pod));
          return isPod && ports?.some((each) => each.port === 6379);
        });
      });
    };
    await kubectl(namespace, "expose", "rc", "primary", "--name=rm2", "--port=1234", "--target-port=6379");
    await check("rm2", 1234);
    await kubectl(namespace, "expose", "service", "rm2", "--name=rm3", "--port=2345", "--target-port=6379");
    await check("rm3", 2345);
  },
);

series.conformanceTest(
  "[sig-cli] Kubectl client Kubectl label should update the label on a resource [Conformance]",
  (namespace) =>
    machines.create(namespace, "pause", {
      containers: [{ name: "pause", image, command: ["sleep", "1000"] }],
    }),
  async (namespace) => {
    await machines.ready(namespace, "pause");
    const shown = (): Promise<string> => kubectl(namespace, "get", "pod", "pause", "-L", "testing-label");
    await kubectl(namespace, "label", "pods", "pause", "testing-label=testing-label-value");
    expect(await shown()).toContain("testing-label-value");
    await kubectl(namespace, "label", "pods", "pause", "testing-label-");
    expect(await shown()).not.toContain("testing-label-value");
  },
);

series.conformanceTest(
  "[sig-cli] Kubectl client Kubectl patch should add annotations for pods in rc [Conformance]",
  (namespace) => createController(namespace, "primary"),
  async (namespace) => {
    for (const pod of await readyPods(namespace, "primary", 1)) {
      await kubectl(namespace, "patch", "pod", nameOf(pod), "-p", '{"metadata":{"annotations":{"x":"y"}}}');
    }
    for (const { metadata } of await readyPods(namespace, "primary", 1))
      expect(metadata?.annotations?.x).toBe("y");
  },
);

series.conformanceTest(
  "[sig-cli] Kubectl client Kubectl replace should update a single-container pod's image [Conformance]",
  (namespace) =>
    machines.create(namespace, "replaced", {
      containers: [{ name: "main", image, command: ["sleep", "1000"] }],
    }),
  async (namespace) => {
    await machines.ready(namespace, "replaced");
    const other = image.replace(":latest", ":other");
    const file = `${machines.cluster.folder}/replaced.json`;
    await eventually("nobody has written the Pod in between", patienceMs, async () => {
      const manifest = await kubectl(namespace, "get", "pod", "replaced", "-o", "json");
      await Bun.write(file, manifest.replaceAll(`"image": "${image}"`, `"image": "${other}"`));
      const { code, stderr } = await machines.cluster.kubectl("-n", namespace, "replace", "-f", file);
      if (code !== 0 && !stderr.includes("the object has been modified")) throw new Error(stderr);
      return code === 0;
    });
    const { spec } = await machines.get(namespace, "replaced");
    expect(spec?.containers.map((container) => container.image)).toEqual([other]);
  },
);

const printLines =
  'i=0; while [ $i -lt 100 ]; do echo "$i GET /api/v1/namespaces/kube-system/pods/$i 200"; i=$((i + 1)); sleep 0.2; done';

series.conformanceTest(
  "[sig-cli] Kubectl logs logs should be able to retrieve and filter logs [Conformance]",
  (namespace) => {
    const flags = ["--restart=Never", `--image=${image}`, "--image-pull-policy=Never"];
    return kubectl(namespace, "run", "logs-generator", ...flags, "--", "sh", "-c", printLines);
  },
  async (namespace) => {
    const logs = (...flags: readonly string[]): Promise<string> =>
      kubectl(namespace, "logs", "logs-generator", "logs-generator", ...flags);
    await machines.logHas(namespace, "logs-generator", "/api/v1/namespaces/kube-system");
    expect(await logs("--tail=1")).toMatch(/^[^\n]+\n$/);
    expect(await logs("--limit-bytes=1")).toHaveLength(1);
    const [time = "", ...words] = (await logs("--tail=1", "--timestamps")).split(" ");
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
    expect(words.length).toBeGreaterThan(1);
    // The first lines have to be older than a second, which is as exact as this filter is.
    const lines = await eventually("fewer lines are new than old", 30_000, async () => {
      const recent = (await logs("--since=1s")).split("\n");
      const older = (await logs("--since=24h")).split("\n");
      return recent.length < older.length ? { recent, older } : undefined;
    });
    expect(lines.older[0]).toStartWith("0 GET ");
    expect(lines.recent[0]).not.toStartWith("0 GET ");
  },
);
