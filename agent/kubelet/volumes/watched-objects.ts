import type { V1ConfigMap, V1Secret } from "../../../supervisor/api/generated/types.ts";
import { type Clock, clockSleep } from "../../../supervisor/base/clock.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import { createInformer } from "../../../supervisor/client/informer.ts";
import type { Informer, KubernetesClient } from "../../../supervisor/client/types.ts";

/** How long an object's first list may take before its reader gives up for now. */
const syncTimeoutMs = 10_000;
const kinds = { configmaps: "configmap", secrets: "secret" } as const;

export interface ObjectKey {
  readonly resource: "configmaps" | "secrets";
  readonly namespace: string;
  readonly name: string;
}

type WatchedObject = V1ConfigMap & V1Secret;

interface Watch {
  readonly informer: Informer<WatchedObject>;
  readonly holders: Set<string>;
  readonly stop: AbortController;
}

export interface WatchedObjectsOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends all watches. */
  readonly signal: AbortSignal;
  /** Called for each holder of an object that appeared, changed or went. */
  readonly onChange: (holder: string) => void;
}

/**
 * The ConfigMaps and Secrets that Pods of this node name, each followed by one watch of its own for as long as somebody
 * holds it (kubelet `WatchBasedManager`): a node may not watch more than these. Immutable ones are read once.
 */
export class WatchedObjects {
  readonly #options: WatchedObjectsOptions;
  readonly #watches = new Map<string, Watch>();

  constructor(options: WatchedObjectsOptions) {
    this.#options = options;
  }

  /** Follows these objects, and no others, for the holder. */
  hold(holder: string, keys: readonly ObjectKey[]): void {
    const wanted = new Map(keys.map((key) => [textOf(key), key]));
    for (const [text, watch] of this.#watches) if (!wanted.has(text)) this.#drop(text, watch, holder);
    for (const [text, key] of wanted) {
      const watch = this.#watches.get(text) ?? this.#follow(text, key);
      watch.holders.add(holder);
    }
  }

  release(holder: string): void {
    this.hold(holder, []);
  }

  /** The object as it was seen last; undefined where there is none. Throws for one that is not held, or not read in time. */
  async get(key: ObjectKey): Promise<WatchedObject | undefined> {
    const watch = this.#watches.get(textOf(key));
    if (!watch) throw new Error(`${kinds[key.resource]} ${key.namespace}/${key.name} is not registered`);
    const timeout = new AbortController();
    const late = clockSleep(this.#options.clock, syncTimeoutMs, timeout.signal).then(() => "late" as const);
    const outcome = await Promise.race([watch.informer.synced, late]);
    timeout.abort();
    if (outcome === "late") {
      throw new Error(`failed to sync ${kinds[key.resource]} cache: timed out waiting for the condition`);
    }
    return watch.informer.get(`${key.namespace}/${key.name}`);
  }

  #follow(text: string, { resource, namespace, name }: ObjectKey): Watch {
    const { client, clock, logger, signal } = this.#options;
    const informer = createInformer<WatchedObject>(
      client,
      { group: "", version: "v1", resource },
      { namespace, fieldSelector: `metadata.name=${name}` },
      { clock, logger },
    );
    const watch = { informer, holders: new Set<string>(), stop: new AbortController() };
    this.#watches.set(text, watch);
    const changed = (): void => this.#changed(watch);
    informer.addHandlers({
      onAdd: (object) => {
        if (object.immutable) watch.stop.abort();
        changed();
      },
      onUpdate: (object) => {
        if (object.immutable) watch.stop.abort();
        changed();
      },
      onDelete: changed,
    });
    void informer.run(AbortSignal.any([signal, watch.stop.signal]));
    return watch;
  }

  #changed(watch: Watch): void {
    for (const holder of watch.holders) this.#options.onChange(holder);
  }

  #drop(text: string, watch: Watch, holder: string): void {
    if (!watch.holders.delete(holder) || watch.holders.size > 0) return;
    watch.stop.abort();
    this.#watches.delete(text);
  }
}

function textOf({ resource, namespace, name }: ObjectKey): string {
  return `${resource}/${namespace}/${name}`;
}
