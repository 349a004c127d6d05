import { asError } from "../../base/errors.ts";
import type { WatchHandle } from "../../storage/backend.ts";
import type { Services } from "../services.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { ensureObject, type Manifest } from "./ensure-object.ts";

const firstDelayMs = 50;
const maxDelayMs = 10_000;

/**
 * Sees to it that what every cluster has stays there. Upstream looks at intervals whether it does; here the change
 * itself tells.
 */
export class KeptObjects {
  readonly #services: Services;
  readonly #watches = new Map<string, Pick<WatchHandle, "stop">>();

  constructor(services: Services) {
    this.#services = services;
  }

  /** Creates the objects where they are missing, and again whenever one goes. */
  async ensure(store: ObjectStore | undefined, manifests: readonly Manifest[]): Promise<void> {
    if (store === undefined) return;
    await Promise.all(manifests.map((manifest) => ensureObject(store, this.#services, manifest)));
    const byKey = new Map(
      manifests.map((manifest) => {
        const { namespace = "", name = "" } = manifest.metadata;
        return [store.key(namespace, name), manifest] as const;
      }),
    );
    this.follow(store, store.prefix(""), async (key, isGone) => {
      const manifest = byKey.get(key);
      if (isGone && manifest !== undefined) await ensureObject(store, this.#services, manifest);
    });
  }

  /** Calls `restore` for each change below a prefix from now on, instead of what was called for it before. */
  follow(store: ObjectStore, prefix: string, restore: (key: string, isGone: boolean) => Promise<void>): void {
    const { logger } = this.#services;
    this.#watches.get(prefix)?.stop();
    let isFollowed = true;
    const handle = store.backend.watch(prefix, store.backend.currentRevision(), {
      events: (events) => {
        for (const { type, current } of events) {
          const attempt = () => restore(current.key, type === "delete");
          this.#repeat(current.key, attempt, () => isFollowed);
        }
      },
      end: (error) => logger.error("The watch of what every cluster has ended", { prefix, error }),
    });
    const stop = () => {
      isFollowed = false;
      handle.stop();
    };
    this.#watches.set(prefix, { stop });
  }

  /** Tries until it works: what has gone may still be releasing its address. */
  #repeat(key: string, attempt: () => Promise<void>, isWanted: () => boolean, delayMs = firstDelayMs): void {
    const { clock, logger } = this.#services;
    attempt().catch((error: unknown) => {
      if (!isWanted()) return;
      if (delayMs > firstDelayMs) {
        logger.error("Cannot make again what every cluster has", { key, error: asError(error) });
      }
      const again = () => {
        if (isWanted()) this.#repeat(key, attempt, isWanted, Math.min(2 * delayMs, maxDelayMs));
      };
      clock.after(delayMs, again);
    });
  }

  stop(): void {
    for (const watch of this.#watches.values()) watch.stop();
    this.#watches.clear();
  }
}
