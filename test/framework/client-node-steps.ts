/**
 * What a program does with the JavaScript client of Kubernetes, one step a process: `bun FILE KUBECONFIG STEP` prints
 * its findings in JSON. Under Bun this client hands on no certificates: the authority's goes by `NODE_EXTRA_CA_CERTS`,
 * which is read at a process' start, and the user has a token.
 */
import { createServer } from "node:net";
import { PassThrough } from "node:stream";
import {
  CoreV1Api,
  Exec,
  KubeConfig,
  Log,
  makeInformer,
  PatchStrategy,
  PortForward,
  setHeaderOptions,
  type V1Pod,
  type V1Status,
  Watch,
} from "@kubernetes/client-node";
import { eventually } from "./eventually.ts";

const namespace = "default";
const name = "client";
const podsPath = `/api/v1/namespaces/${namespace}/pods`;

const manifest: V1Pod = {
  metadata: { name, labels: { app: "client" } },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: "main",
        image: "pacific.local/demo:latest",
        imagePullPolicy: "Never",
        command: ["sh", "-c", "echo first line; echo page >/tmp/index.html; exec httpd -f -p 8080 -h /tmp"],
      },
    ],
  },
};

/** Creates the Pod while a watch and an informer look on; what both have seen. */
async function create(config: KubeConfig, api: CoreV1Api): Promise<object> {
  const watched: string[] = [];
  const stop = await new Watch(config).watch(
    podsPath,
    {},
    (type, pod: V1Pod) => watched.push(`${type} ${phaseOf(pod)}`),
    () => {},
  );
  const informed: string[] = [];
  const informer = makeInformer(config, podsPath, () => api.listNamespacedPod({ namespace }));
  informer.on("add", (pod) => informed.push(`add ${phaseOf(pod)}`));
  informer.on("update", (pod) => informed.push(`update ${phaseOf(pod)}`));
  await informer.start();
  const created = await api.createNamespacedPod({ namespace, body: manifest });
  const isOver = (seen: readonly string[]): boolean => seen.at(-1)?.endsWith(" Ready") === true;
  await eventually("both have seen the Pod ready", 90_000, () => isOver(watched) && isOver(informed));
  const { nodeName } = informer.get(name, namespace)?.spec ?? {};
  await informer.stop();
  stop.abort();
  const hasDate = created.metadata?.creationTimestamp instanceof Date;
  return { watched, informed, nodeName, hasDate };
}

function phaseOf(pod: V1Pod): string {
  return pod.status?.containerStatuses?.[0]?.ready ? "Ready" : (pod.status?.phase ?? "");
}

async function read(_config: KubeConfig, api: CoreV1Api): Promise<object> {
  const pod = await api.readNamespacedPod({ namespace, name });
  const listed = await api.listNamespacedPod({ namespace, labelSelector: "app=client" });
  const body = { metadata: { labels: { colour: "blue" } } };
  const options = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
  const patched = await api.patchNamespacedPod({ namespace, name, body }, options);
  const error = await api.readNamespacedPod({ namespace, name: "nobody" }).catch((thrown: unknown) => thrown);
  return {
    podIP: pod.status?.podIP,
    listed: listed.items.map(({ metadata }) => metadata?.name),
    labels: patched.metadata?.labels,
    error: { code: Reflect.get(Object(error), "code"), body: JSON.parse(Reflect.get(Object(error), "body")) },
  };
}

/** A stream that keeps what is written into it. */
class Collected extends PassThrough {
  text = "";
  constructor() {
    super();
    this.on("data", (chunk: Buffer) => {
      this.text += chunk.toString();
    });
  }
}

async function exec(config: KubeConfig): Promise<object> {
  const [output, errors, input] = [new Collected(), new Collected(), new PassThrough()];
  const command = ["sh", "-c", "read word; echo got $word; echo oops >&2; exit 3"];
  const status = await new Promise<V1Status>((resolve, reject) => {
    new Exec(config)
      .exec(namespace, name, "main", command, output, errors, input, false, resolve)
      .then(() => input.write("hello\n"), reject);
  });
  // The status may be read before the streams have handed on what they got.
  await eventually("the output is here", 20_000, () => output.text !== "" && errors.text !== "");
  return { status, output: output.text, errors: errors.text };
}

async function log(config: KubeConfig, api: CoreV1Api): Promise<object> {
  const whole = await api.readNamespacedPodLog({ namespace, name });
  const followed = new Collected();
  const follower = await new Log(config).log(namespace, name, "main", followed, { follow: true });
  await eventually("the log is followed", 20_000, () => followed.text !== "");
  follower.abort();
  return { whole, followed: followed.text };
}

async function forward(config: KubeConfig): Promise<object> {
  const listener = createServer((socket) => {
    void new PortForward(config).portForward(namespace, name, [8080], socket, null, socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
  const page = await answer.text();
  listener.close();
  return { page };
}

async function remove(_config: KubeConfig, api: CoreV1Api): Promise<object> {
  await api.deleteNamespacedPod({ namespace, name });
  const left = async (): Promise<number> => (await api.listNamespacedPod({ namespace })).items.length;
  await eventually("the Pod is gone", 60_000, async () => (await left()) === 0);
  return { left: await left() };
}

const steps = { create, read, exec, log, forward, remove };
export type ClientStep = keyof typeof steps;

const [, , kubeconfig = "", step = ""] = process.argv;
const clusterConfig = new KubeConfig();
clusterConfig.loadFromFile(kubeconfig);
// The test names one of the steps.
const findings = await steps[step as ClientStep](clusterConfig, clusterConfig.makeApiClient(CoreV1Api));
process.stdout.write(`${JSON.stringify(findings)}\n`, () => process.exit(0));
