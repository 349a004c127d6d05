import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kubelet, type KubeletOptions } from "../../../agent/kubelet/kubelet.ts";
import { KubeletMetrics } from "../../../agent/kubelet/metrics/kubelet-metrics.ts";
import type {
  CoreV1Event,
  V1Container,
  V1ContainerStatus,
  V1Pod,
  V1PodSpec,
} from "../../../supervisor/api/generated/types.ts";
import { isNotFound } from "../../../supervisor/apimachinery/errors.ts";
import type { PeerSubject } from "../../../supervisor/base/http/connection-info.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { createEventRecorder } from "../../../supervisor/client/event-recorder.ts";
import { InProcessTransport } from "../../../supervisor/client/in-process-transport.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import type { KubernetesClient, KubernetesObject, ResourceClient } from "../../../supervisor/client/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { FakeClock } from "../../framework/fake-clock.ts";
import { FakeImages } from "../../framework/fake-images.ts";
import { FakeRuntime } from "../../framework/fake-runtime.ts";
import { admin, TestApiServer } from "../../framework/test-api-server.ts";

/** How long a test waits for what should come at once. */
export const patienceMs = 120_000;

const nodeName = "n1";
const node: PeerSubject = { commonName: `system:node:${nodeName}`, organizations: ["system:nodes"] };

/**
 * A kubelet with the real API server in this process, its time in the test's hand, and machines and images in memory.
 * The server's own time is real: it only stamps objects.
 */
export class KubeletRig {
  readonly clock = new FakeClock(Date.now());
  readonly runtime = new FakeRuntime(this.clock);
  readonly images = new FakeImages();
  metrics = new KubeletMetrics(nodeName, this.clock);
  readonly client: KubernetesClient;
  readonly pods: ResourceClient<V1Pod>;
  readonly logRoot = mkdtempSync(join(tmpdir(), "pacific-kubelet-"));
  /** The folder of static Pods. */
  readonly manifests = join(this.logRoot, "manifests");
  readonly #api: TestApiServer;
  readonly #options: Partial<KubeletOptions>;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  private constructor(api: TestApiServer, options: Partial<KubeletOptions>) {
    this.#api = api;
    this.#options = options;
    this.client = this.#clientOf(admin);
    this.pods = this.client.resource<V1Pod>({ group: "", version: "v1", resource: "pods" }, "default");
  }

  /** `options` stand for the usual ones of its kubelets. */
  static async start(options: Partial<KubeletOptions> = {}): Promise<KubeletRig> {
    const rig = new KubeletRig(await TestApiServer.start(), options);
    const { client } = rig;
    const nodes = client.resource({ group: "", version: "v1", resource: "nodes" });
    await nodes.create({ apiVersion: "v1", kind: "Node", metadata: { name: nodeName } });
    // What a controller keeps in every namespace.
    await rig.create("configmaps", { metadata: { name: "kube-root-ca.crt" }, data: { "ca.crt": "" } });
    rig.startKubelet();
    return rig;
  }

  /** Begins a daemon's life; the runtime is that of the one before it. */
  startKubelet(): void {
    const { clock, runtime, images, logRoot } = this;
    const client = this.#clientOf(node);
    const logger = new Logger("error");
    this.metrics = new KubeletMetrics(nodeName, clock);
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const kubelet = new Kubelet({
      nodeName,
      hostAddress: "192.0.2.1",
      client,
      recorder: createEventRecorder(client, { component: "kubelet", host: nodeName, clock, logger, signal }),
      runtime,
      images,
      metrics: this.metrics,
      clock,
      logger,
      logRoot,
      podManifestPath: this.manifests,
      seccompRoot: join(logRoot, "seccomp"),
      snapshotRoot: join(logRoot, "snapshots"),
      credentialFiles: [],
      imageDisk: async () => ({ capacityBytes: 1, availableBytes: 1 }),
      warnOfNode: () => undefined,
      hostDns: { servers: [], searches: [], options: [] },
      nodeSize: { cpuCount: 4, memoryBytes: 8 * 1024 ** 3 },
      allocatable: () => ({ cpu: "4", memory: "8Gi", pods: "110" }),
      ...this.#options,
    });
    this.#running = kubelet.run(signal);
  }

  async stopKubelet(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopKubelet();
    await this.#api.close();
    rmSync(this.logRoot, { recursive: true });
  }

  async createPod(
    name: string,
    spec: Partial<V1PodSpec> = {},
    web: Partial<V1Container> = {},
  ): Promise<V1Pod> {
    const containers = [{ name: "web", image: "shop:1", imagePullPolicy: "IfNotPresent", ...web }];
    return await this.pods.create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name },
      spec: { containers, nodeName, terminationGracePeriodSeconds: 30, ...spec },
    });
  }

  /** Waits until the Pod is as `look` says. */
  async untilPod(name: string, what: string, look: (pod: V1Pod) => boolean): Promise<V1Pod> {
    let last: V1Pod | undefined;
    try {
      return await eventually(`Pod ${name}: ${what}`, patienceMs, async () => {
        last = await this.pods.get(name);
        return look(last) ? last : undefined;
      });
    } catch (error) {
      throw new Error(`${String(error)}; it is ${JSON.stringify(last?.status, undefined, 1)}`, {
        cause: error,
      });
    }
  }

  untilRunning(name: string): Promise<V1Pod> {
    return this.untilPod(name, "ready", ({ status }) =>
      (status?.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True"),
    );
  }

  /** Waits until a container waits for this reason. */
  untilWaiting(name: string, reason: string): Promise<V1Pod> {
    return this.untilPod(
      name,
      `waits for ${reason}`,
      (pod) => statusOf(pod).state?.waiting?.reason === reason,
    );
  }

  async untilGone(name: string): Promise<void> {
    await eventually(`Pod ${name} to be gone`, patienceMs, async () => {
      try {
        await this.pods.get(name);
        return false;
      } catch (error) {
        return isNotFound(error);
      }
    });
  }

  /** Waits for an event of the Pod and returns its message. */
  async untilEvent(name: string, reason: string, text = ""): Promise<string> {
    return await eventually(
      `event ${reason} of Pod ${name}`,
      patienceMs,
      async () =>
        (await this.events(name)).find((event) => event.reason === reason && event.message?.includes(text))
          ?.message,
    );
  }

  async events(name: string): Promise<readonly CoreV1Event[]> {
    const events = this.client.resource<CoreV1Event>(
      { group: "", version: "v1", resource: "events" },
      "default",
    );
    const { items } = await events.list();
    return items.filter(({ involvedObject }) => involvedObject.name === name);
  }

  async create(
    resource: string,
    object: KubernetesObject & { readonly data?: object; readonly type?: string },
  ) {
    return await this.client.resource({ group: "", version: "v1", resource }, "default").create(object);
  }

  #clientOf(peer: PeerSubject): KubernetesClient {
    return createClient(new InProcessTransport(this.#api.server.fetch, this.#api.connection(peer)));
  }
}

/** The status of a Pod's first or named container. */
export function statusOf(pod: V1Pod, name?: string): V1ContainerStatus {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const all = [...initContainerStatuses, ...containerStatuses];
  const found = name === undefined ? containerStatuses[0] : all.find((status) => status.name === name);
  return found ?? { name: "", image: "", imageID: "", ready: false, restartCount: 0 };
}
