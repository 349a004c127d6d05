/** Which objects each node needs: by the Pods bound to it, what these name, and what that names in turn. */

import { podReferences } from "../../../api/core/v1/pod/pod-references.ts";
import type { V1Pod, V1ResourceSlice, V1VolumeAttachment } from "../../../api/generated/types.ts";
import type { Logger } from "../../../base/logging.ts";
import { storagePrefixOf } from "../../../registry/storage-prefix.ts";
import type { Backend, BackendEvent, KeyValue, WatchHandle } from "../../../storage/backend.ts";
import { pagesOf } from "../../../storage/pages-of.ts";
import { StoredReader } from "../../storage/managers-text.ts";
import { ObjectCache } from "../../storage/object-cache.ts";
import { VolumeSecrets } from "./volume-secrets.ts";

const prefix = storagePrefixOf("", "pods");
const none: ReadonlySet<string> = new Set();
const reader = new StoredReader();

interface GraphPod {
  /** Empty for a Pod that is bound to none. */
  readonly node: string;
  readonly uid: string;
  /** `secrets/namespace/name`. */
  readonly references: ReadonlySet<string>;
}

/** Reads a stored Pod, as far as it needs: most are written and changed some times before they have a node. */
function graphPod(value: string): GraphPod {
  if (!value.includes('"nodeName":"')) {
    // The first uid of a stored text is the object's own: only names come before it. It is parsed to be a text of its
    // own, since a slice would keep the whole Pod in memory.
    const uid = /"uid":("[^"]*")/.exec(value)?.[1] ?? '""';
    return { node: "", uid: String(JSON.parse(uid)), references: none };
  }
  // Only Pods are stored under this prefix.
  const pod = reader.read(value) as unknown as V1Pod;
  const node = pod.spec?.nodeName ?? "";
  return { node, uid: pod.metadata?.uid ?? "", references: node === "" ? none : podReferences(pod) };
}

export class NodeGraph {
  readonly #backend: Backend;
  readonly #logger: Logger;
  /** By `namespace/name`. */
  readonly #pods = new Map<string, GraphPod>();
  /** How many Pods of a node name a thing, by `node` and then by reference. */
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #volumes: VolumeSecrets;
  /** The nodes of VolumeAttachments and ResourceSlices, by name. */
  readonly #attachments: ObjectCache<string>;
  readonly #slices: ObjectCache<string>;
  #watch: WatchHandle | undefined;

  constructor(backend: Backend, logger: Logger) {
    this.#backend = backend;
    this.#logger = logger;
    this.#volumes = new VolumeSecrets(backend, logger);
    // What is stored under a resource's prefix is of its kind.
    this.#attachments = new ObjectCache({
      backend,
      logger,
      prefix: storagePrefixOf("storage.k8s.io", "volumeattachments"),
      keep: (object) => (object as unknown as V1VolumeAttachment).spec.nodeName,
    });
    this.#slices = new ObjectCache({
      backend,
      logger,
      prefix: storagePrefixOf("resource.k8s.io", "resourceslices"),
      keep: (object) => (object as unknown as V1ResourceSlice).spec.nodeName,
    });
  }

  /** Reads all and watches on until {@link stop}. */
  async start(): Promise<void> {
    await Promise.all([
      this.#startPods(),
      this.#volumes.start(),
      this.#attachments.start(),
      this.#slices.start(),
    ]);
  }

  stop(): void {
    this.#watch?.stop();
    this.#volumes.stop();
    this.#attachments.stop();
    this.#slices.stop();
  }

  /**
   * Whether a node has to do with an object. It has with a Pod of which there is none, too: the handlers then tell it
   * that its Pod is gone.
   */
  has(node: string, resource: string, namespace: string, name: string): boolean {
    switch (resource) {
      case "pods": {
        const pod = this.#pods.get(`${namespace}/${name}`);
        return pod === undefined || pod.node === node;
      }
      case "volumeattachments":
        return this.#attachments.get(name) === node;
      case "resourceslices":
        return this.#slices.get(name) === node;
      case "persistentvolumes":
        return this.#claims(node, this.#volumes.claim(name));
      case "secrets":
        return (
          this.#names(node, `secrets/${namespace}/${name}`) || this.#needsForVolume(node, namespace, name)
        );
      default:
        return this.#names(node, `${resource}/${namespace}/${name}`);
    }
  }

  /** A Pod's node, empty where it has none, and uid; undefined for no such Pod. */
  pod(namespace: string, name: string): Pick<GraphPod, "node" | "uid"> | undefined {
    return this.#pods.get(`${namespace}/${name}`);
  }

  #names(node: string, reference: string): boolean {
    return this.#counts.get(node)?.has(reference) ?? false;
  }

  #claims(node: string, claim: string | undefined): boolean {
    return claim !== undefined && this.#names(node, `persistentvolumeclaims/${claim}`);
  }

  #needsForVolume(node: string, namespace: string, name: string): boolean {
    return this.#volumes.claimsOfSecret(`${namespace}/${name}`).some((claim) => this.#claims(node, claim));
  }

  async #startPods(): Promise<void> {
    let revision = 0;
    for await (const page of pagesOf(this.#backend, prefix, "snapshot")) {
      revision = page.revision;
      for (const item of page.items) this.#put(item);
    }
    this.#watch = this.#backend.watch(prefix, revision, {
      events: (events) => {
        for (const event of events) this.#apply(event);
      },
      end: (error) => this.#logger.warn("The watch of Pods for node authorization ended", { error }),
    });
  }

  #apply({ type, current }: BackendEvent): void {
    if (type === "delete") this.#remove(current.key.slice(prefix.length));
    else this.#put(current);
  }

  #put({ key, value }: KeyValue): void {
    const id = key.slice(prefix.length);
    const known = this.#pods.get(id);
    // What a Pod names is settled before it is bound, with few exceptions: each is looked at twice, not at every status.
    const isSettled = known !== undefined && (known.node !== "" || !value.includes('"nodeName":"'));
    if (isSettled && !/"ephemeralContainers"|"resourceClaimStatuses"/.test(value)) return;
    this.#remove(id);
    const pod = graphPod(value);
    const { node, references } = pod;
    this.#pods.set(id, pod);
    for (const reference of references) this.#count(node, reference, 1);
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
