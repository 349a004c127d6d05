import type { V1Namespace } from "../../../api/generated/types.ts";
import type { Logger } from "../../../base/logging.ts";
import { storagePrefixOf } from "../../../registry/storage-prefix.ts";
import type { Backend, KeyValue } from "../../../storage/backend.ts";
import { ObjectCache } from "../../storage/object-cache.ts";

export type NamespacePhase = "Active" | "Terminating";

const prefix = storagePrefixOf("", "namespaces");

function phaseOf({ metadata, status }: Pick<V1Namespace, "metadata" | "status">): NamespacePhase {
  const isEnding = status?.phase === "Terminating" || metadata?.deletionTimestamp !== undefined;
  return isEnding ? "Terminating" : "Active";
}

/** The phases of namespaces, which every creation asks for. */
export class NamespaceCache {
  readonly #backend: Backend;
  readonly #phases: ObjectCache<NamespacePhase>;

  constructor(backend: Backend, logger: Logger) {
    this.#backend = backend;
    // Only namespaces are stored under this prefix.
    const keep = (object: object) => phaseOf(object as V1Namespace);
    this.#phases = new ObjectCache({ backend, logger, prefix, keep });
  }

  /** Reads all and watches on until {@link stop}. */
  start(): Promise<void> {
    return this.#phases.start();
  }

  stop(): void {
    this.#phases.stop();
  }

  /** Calls `listener` with the name of each namespace that goes from now on. */
  onGone(listener: (name: string) => void): void {
    this.#phases.onChange((name, phase) => {
      if (phase === undefined) listener(name);
    });
  }

  /** What is known without reading; undefined where nothing is. */
  cached(name: string): NamespacePhase | undefined {
    return this.#phases.get(name);
  }

  /** The stored truth; undefined for no such namespace. */
  async phase(name: string): Promise<NamespacePhase | undefined> {
    const stored: KeyValue | undefined = await this.#backend.get(prefix + name);
    // Only namespaces are stored under this prefix.
    return stored && phaseOf(JSON.parse(stored.value) as V1Namespace);
  }
}
