/** Which Pods each node has and what these name, kept by a watch of Pods. */
import type {
  V1Container,
  V1EphemeralContainer,
  V1Pod,
  V1PodSpec,
  V1Volume,
} from "../../api/generated/types.ts";
import type { Logger } from "../../base/logging.ts";
import type { Backend, BackendEvent, KeyValue, WatchHandle } from "../../storage/backend.ts";

const prefix = "/registry/pods/";
const pageSize = 500;

interface BoundPod {
  readonly node: string;
  /** `secrets/namespace/name`. */
  readonly references: ReadonlySet<string>;
}

export class NodeReferences {
  readonly #backend: Backend;
  readonly #logger: Logger;
  /** By `namespace/name`. */
  readonly #pods = new Map<string, BoundPod>();
  /** How many Pods of a node name a thing, by `node` and then by reference. */
  readonly #counts = new Map<string, Map<string, number>>();
  #watch: WatchHandle | undefined;

  constructor(backend: Backend, logger: Logger) {
    this.#backend = backend;
    this.#logger = logger;
  }

  /** Reads all Pods and watches on until {@link stop}. */
  async start(): Promise<void> {
    let revision: number | undefined;
    for (let after: string | undefined; ; ) {
      const range = await this.#backend.range({
        prefix,
        limit: pageSize,
        ...(after === undefined ? {} : { after }),
        ...(revision === undefined ? {} : { revision }),
      });
      revision = range.revision;
      for (const item of range.items) this.#put(item);
      after = range.items.at(-1)?.key;
      if (range.remaining === 0 || after === undefined) break;
    }
    this.#watch = this.#backend.watch(prefix, revision, {
      events: (events) => {
        for (const event of events) this.#apply(event);
      },
      end: (error) => this.#logger.warn("The watch of Pods for node authorization ended", { error }),
    });
  }

  stop(): void {
    this.#watch?.stop();
  }

  /**
   * Whether a node may speak of a Pod: it is bound to it, or there is none of that name, which the node is then told
   * by the handlers.
   */
  async ownsPod(node: string, namespace: string, name: string): Promise<boolean> {
    const pod = this.#pods.get(`${namespace}/${name}`);
    if (pod !== undefined) return pod.node === node;
    return (await this.#backend.get(`${prefix}${namespace}/${name}`)) === undefined;
  }

  /** Whether a Pod of the node names the object. */
  has(node: string, resource: string, namespace: string, name: string): boolean {
    return this.#counts.get(node)?.has(`${resource}/${namespace}/${name}`) ?? false;
  }

  #apply({ type, current }: BackendEvent): void {
    if (type === "delete") this.#remove(current.key.slice(prefix.length));
    else this.#put(current);
  }

  #put({ key, value }: KeyValue): void {
    const id = key.slice(prefix.length);
    // What a Pod names is settled before it is bound; only a Pod of a node is looked at, once.
    if (this.#pods.has(id) && !value.includes('"ephemeralContainers"')) return;
    if (!value.includes('"nodeName":"')) return;
    // Only Pods are stored under this prefix.
    const { spec, metadata } = JSON.parse(value) as V1Pod;
    if (!spec?.nodeName) return;
    this.#remove(id);
    const namespace = metadata?.namespace ?? "";
    const references = new Set(podReferences(spec).map((reference) => at(namespace, reference)));
    this.#pods.set(id, { node: spec.nodeName, references });
    for (const reference of references) this.#count(spec.nodeName, reference, 1);
  }

  #remove(id: string): void {
    const pod = this.#pods.get(id);
    if (pod === undefined) return;
    this.#pods.delete(id);
    for (const reference of pod.references) this.#count(pod.node, reference, -1);
  }

  #count(node: string, reference: string, change: number): void {
    const counts = this.#counts.get(node) ?? new Map<string, number>();
    this.#counts.set(node, counts);
    const count = (counts.get(reference) ?? 0) + change;
    if (count > 0) counts.set(reference, count);
    else counts.delete(reference);
    if (counts.size === 0) this.#counts.delete(node);
  }
}

type Reference = readonly [resource: string, name: string | undefined];

function at(namespace: string, [resource, name]: Reference): string {
  return `${resource}/${namespace}/${name}`;
}

/** What a Pod's spec names in its namespace. */
function podReferences(spec: V1PodSpec): readonly Reference[] {
  const containers = [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ];
  const all: Reference[] = [
    ["serviceaccounts", spec.serviceAccountName],
    ...(spec.imagePullSecrets ?? []).map(({ name }): Reference => ["secrets", name]),
    ...(spec.volumes ?? []).flatMap(volumeReferences),
    ...containers.flatMap(containerReferences),
  ];
  return all.filter(([, name]) => name);
}

function volumeReferences(volume: V1Volume): readonly Reference[] {
  return [
    ["secrets", volume.secret?.secretName],
    ["configmaps", volume.configMap?.name],
    ...(volume.projected?.sources ?? []).flatMap((source): readonly Reference[] => [
      ["secrets", source.secret?.name],
      ["configmaps", source.configMap?.name],
    ]),
  ];
}

function containerReferences(container: V1Container | V1EphemeralContainer): readonly Reference[] {
  return [
    ...(container.envFrom ?? []).flatMap((source): readonly Reference[] => [
      ["secrets", source.secretRef?.name],
      ["configmaps", source.configMapRef?.name],
    ]),
    ...(container.env ?? []).flatMap(({ valueFrom }): readonly Reference[] => [
      ["secrets", valueFrom?.secretKeyRef?.name],
      ["configmaps", valueFrom?.configMapKeyRef?.name],
    ]),
  ];
}
