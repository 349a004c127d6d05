import { afterAll, beforeAll } from "bun:test";
import { basename, join } from "node:path";
import type { V1Container, V1Pod, V1PodSpec } from "../../../supervisor/api/generated/types.ts";
import { loadKubeconfig } from "../../../supervisor/client/kubeconfig.ts";
import { Cluster, type ClusterOptions, root } from "../../framework/cluster.ts";
import { eventually } from "../../framework/eventually.ts";
import { requirePrivateNetwork } from "../../framework/private-network.ts";
import { Api } from "./api.ts";
import { newNamespace } from "./new-namespace.ts";

const podTimeoutMs = 400_000;

/** No registry is asked. */
function local(container: V1Container): V1Container {
  return { imagePullPolicy: "Never", ...container };
}

/** A supervisor and one host, whose Pods run in real machines. */
export class MachineCluster {
  /** The image that every host of it has: busybox's tools. */
  static readonly image = "pacific.local/demo:latest";
  static readonly node = "box-1";
  readonly cluster: Cluster;
  #api: Api | undefined;

  constructor(options: ClusterOptions) {
    this.cluster = new Cluster(16443, options);
  }

  /** An administrator's requests. */
  get api(): Api {
    if (this.#api === undefined) throw new Error("The cluster has not started yet");
    return this.#api;
  }

  async start(archives: readonly string[]): Promise<void> {
    await this.cluster.start();
    const { transport } = await loadKubeconfig(this.cluster.kubeconfig);
    this.#api = new Api(transport);
    await this.cluster.addHost(MachineCluster.node);
    for (const archive of archives) await this.cluster.importImage(MachineCluster.node, archive);
  }

  /** A new namespace with its default ServiceAccount. */
  namespace(): Promise<string> {
    return newNamespace(this.api);
  }

  /** Creates a Pod that ends within a second of its deletion, of images that the host has. */
  async create(namespace: string, name: string, spec: V1PodSpec, metadata: object = {}): Promise<V1Pod> {
    const pod = {
      metadata: { name, ...metadata },
      spec: {
        terminationGracePeriodSeconds: 1,
        ...spec,
        containers: spec.containers.map(local),
        ...(spec.initContainers && { initContainers: spec.initContainers.map(local) }),
      },
    };
    return await this.api.create<V1Pod>(`/api/v1/namespaces/${namespace}/pods`, pod);
  }

  get(namespace: string, name: string): Promise<V1Pod> {
    return this.api.get<V1Pod>(`/api/v1/namespaces/${namespace}/pods/${name}`);
  }

  /** Waits until the Pod is as `is` wants it; the error shows what its status was instead. */
  async until(namespace: string, name: string, what: string, is: (pod: V1Pod) => boolean): Promise<V1Pod> {
    let last: V1Pod | undefined;
    try {
      return await eventually(`Pod ${name} ${what}`, podTimeoutMs, async () => {
        last = await this.get(namespace, name);
        return is(last) ? last : undefined;
      });
    } catch (error) {
      throw new Error(`Pod ${name} is ${JSON.stringify(last?.status)}`, { cause: error });
    }
  }

  /** Waits until all containers of the Pod have ended for good. */
  ended(namespace: string, name: string): Promise<V1Pod> {
    const phases = ["Succeeded", "Failed"];
    return this.until(namespace, name, "has ended", ({ status }) => phases.includes(status?.phase ?? ""));
  }

  ready(namespace: string, name: string): Promise<V1Pod> {
    return this.until(namespace, name, "is Ready", ({ status }) => {
      return status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") === true;
    });
  }

  /** What a container has printed; the Pod's only one unless the query names another. */
  async log(namespace: string, name: string, query = ""): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/log${query}`;
    const answer = await this.api.call("GET", path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.text}`);
    return answer.text;
  }

  /** Waits until a container has printed the text. */
  async logHas(namespace: string, name: string, text: string, query = ""): Promise<void> {
    await eventually(`${name} prints ${JSON.stringify(text)}`, podTimeoutMs, async () => {
      return (await this.log(namespace, name, query)).includes(text);
    });
  }

  /** What a command in a container prints. Throws where it fails. */
  async exec(namespace: string, name: string, ...command: readonly string[]): Promise<string> {
    const result = await this.cluster.kubectl("-n", namespace, "exec", name, "--", ...command);
    if (result.code !== 0) throw new Error(`${command.join(" ")} in ${name} failed: ${result.stderr}`);
    return result.stdout;
  }

  async delete(namespace: string, name: string): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    await this.api.call("DELETE", path, { body: { gracePeriodSeconds: 0 } });
    await this.api.gone(path);
  }
}

/**
 * A cluster for the tests of one file, which names itself: it starts before the first test and is removed after the last,
 * and then nothing of it is left on the machine. `archives` are further images.
 */
export function useMachines(
  file: string,
  options: ClusterOptions = {},
  archives: readonly string[] = [],
): MachineCluster {
  requirePrivateNetwork(`conformance-machines-${basename(file, ".test.ts")}`);
  const machines = new MachineCluster(options);
  beforeAll(() => machines.start([join(root, "dist/images/demo.tar"), ...archives]), 600_000);
  afterAll(() => machines.cluster.remove(), 600_000);
  return machines;
}
