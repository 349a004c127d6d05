import type { V1Namespace } from "../api/generated/types.ts";
import type { Logger } from "../base/logging.ts";
import type { Backend, BackendEvent, KeyValue, WatchHandle } from "../storage/backend.ts";

export type NamespacePhase = "Active" | "Terminating";

const prefix = "/registry/namespaces/";

function phaseOf(stored: KeyValue): NamespacePhase {
  // Only namespaces are stored under this prefix.
  const { metadata, status } = JSON.parse(stored.value) as V1Namespace;
  return status?.phase === "Terminating" || metadata?.deletionTimestamp !== undefined
    ? "Terminating"
    : "Active";
}

/** The phases of namespaces, which every creation asks for. Kept by a watch; what it has not yet is read. */
export class NamespaceCache {
  readonly #backend: Backend;
  readonly #logger: Logger;
  readonly #phases = new Map<string, NamespacePhase>();
  #watch: WatchHandle | undefined;

  constructor(backend: Backend, logger: Logger) {
    this.#backend = backend;
    this.#logger = logger;
  }

  /** Reads all and watches on until {@link stop}. */
  async start(): Promise<void> {
    const { items, revision } = await this.#backend.range({ prefix });
    for (const item of items) this.#phases.set(item.key.slice(prefix.length), phaseOf(item));
    this.#watch = this.#backend.watch(prefix, revision, {
      events: (events) => {
        for (const event of events) this.#apply(event);
      },
      end: (error) => {
        // Without the watch nothing is known for sure: everything is read.
        this.#phases.clear();
        this.#logger.warn("The watch of namespaces ended", { error });
      },
    });
  }

  stop(): void {
    this.#watch?.stop();
  }

  #apply(event: BackendEvent): void {
    const name = event.current.key.slice(prefix.length);
    if (event.type === "delete") this.#phases.delete(name);
    else this.#phases.set(name, phaseOf(event.current));
  }

  /** What is known without reading; undefined where nothing is. */
  cached(name: string): NamespacePhase | undefined {
    return this.#phases.get(name);
  }

  /** The stored truth; undefined for no such namespace. */
  async phase(name: string): Promise<NamespacePhase | undefined> {
    const stored = await this.#backend.get(prefix + name);
    return stored && phaseOf(stored);
  }
}
