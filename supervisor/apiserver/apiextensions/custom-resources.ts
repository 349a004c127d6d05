/**
 * Serves what CustomResourceDefinitions define, and keeps their status: which names they got, whether they are
 * established, and, while they are deleted, how far their objects are (apiextensions-apiserver's controllers).
 */

import { isNotFound } from "../../apimachinery/errors.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { Clock } from "../../base/clock.ts";
import { asError } from "../../base/errors.ts";
import type { Logger } from "../../base/logging.ts";
import { timestamp } from "../../base/timestamp.ts";
import { cleanupFinalizer } from "../../registry/apiextensions/cleanup-finalizer.ts";
import { isConditionTrue } from "../../registry/apiextensions/definition-conditions.ts";
import type { Typed } from "../../registry/resource-definition.ts";
import type { Backend } from "../../storage/backend.ts";
import type { ResourceIndex } from "../resource-index.ts";
import { ObjectCache } from "../storage/object-cache.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import type { ServiceDialer } from "../webhooks/webhook-client.ts";
import type { CustomResource } from "./custom-resource.ts";
import type { Definition } from "./custom-version.ts";

export interface CustomResourcesOptions {
  readonly index: ResourceIndex;
  readonly backend: Backend;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Finds the way to the Services of conversion webhooks. */
  readonly connector?: ServiceDialer;
  uid(): string;
}

const retryDelayMs = 5000;

/** What is only loaded when there is a definition. */
type Machinery = typeof import("./machinery.ts");

interface Served {
  readonly definition: Definition;
  readonly resource: CustomResource;
}

export class CustomResources {
  readonly #options: CustomResourcesOptions;
  readonly #definitions: ObjectCache<Definition>;
  readonly #store: ObjectStore;
  readonly #served = new Map<string, Served>();
  /** The work on each definition's status, one after another. */
  readonly #work = new Map<string, Promise<void>>();
  /** Ends the wait for the objects of a definition that is gone before them. */
  readonly #finalizing = new Map<string, AbortController>();
  readonly #stop = new AbortController();
  /** The giving of names, one definition after another: no two get the same. */
  #naming: Promise<void> = Promise.resolve();
  #machinery: Machinery | undefined;

  constructor(options: CustomResourcesOptions) {
    this.#options = options;
    const store = options.index.store("apiextensions.k8s.io", "v1", "customresourcedefinitions");
    if (store === undefined) throw new RangeError("CustomResourceDefinitions are no resource");
    this.#store = store;
    this.#definitions = new ObjectCache({
      backend: options.backend,
      logger: options.logger,
      prefix: store.prefix(""),
      // Only definitions are stored under this prefix.
      keep: (object) => object as unknown as Definition,
    });
  }

  /** Serves what is defined already, and follows the store until {@link stop}. */
  async start(): Promise<void> {
    await this.#definitions.start();
    const names = Array.from(this.#definitions.entries(), ([name]) => name);
    if (names.length > 0) this.#machinery = await import("./machinery.ts");
    for (const name of names) this.#serve(name);
    this.#definitions.onChange((name) => this.#changed(name));
    for (const name of names) this.#enqueue(name);
  }

  stop(): void {
    this.#stop.abort(new Error("The server stops"));
    this.#definitions.stop();
    for (const { resource } of this.#served.values()) resource.close();
  }

  /** Called with each change, before it is answered: what is established is served by then. */
  #changed(name: string): void {
    this.#serve(name);
    this.#enqueue(name);
    if (this.#definitions.get(name) !== undefined) return;
    this.#finalizing.get(name)?.abort(new Error("The definition is gone"));
    // The names of what is gone are free again.
    for (const other of this.#ofGroup(name.slice(name.indexOf(".") + 1)))
      this.#enqueue(other.metadata?.name ?? "");
  }

  #ofGroup(group: string): readonly Definition[] {
    return Array.from(this.#definitions.values()).filter(({ spec }) => spec.group === group);
  }

  /** Makes the index say what the definition says. */
  #serve(name: string): void {
    const definition = this.#definitions.get(name);
    const old = this.#served.get(name);
    const isServed =
      definition !== undefined &&
      (isConditionTrue(definition, "NamesAccepted") || isConditionTrue(definition, "Established"));
    if (isServed && old !== undefined && saysTheSame(definition, old.definition)) {
      this.#served.set(name, { definition, resource: old.resource });
      return;
    }
    if (isServed && this.#machinery !== undefined) {
      const resource = this.#make(name, definition, this.#machinery);
      this.#served.set(name, { definition, resource });
      this.#options.index.setCustom(name, resource.served);
    } else if (old !== undefined) {
      this.#served.delete(name);
      this.#options.index.setCustom(name, []);
    }
    old?.resource.close();
  }

  #make(name: string, definition: Definition, machinery: Machinery): CustomResource {
    const state = {
      isTerminating: () => this.#definitions.get(name)?.metadata?.deletionTimestamp !== undefined,
    };
    return machinery.customResource(
      definition,
      this.#options.backend,
      machinery.converterOf(definition, this.#options),
      state,
    );
  }

  /** Works on a definition's status when the work before is done. */
  #enqueue(name: string): void {
    const turn = (this.#work.get(name) ?? Promise.resolve())
      .then(() => this.#sync(name))
      .catch((error: unknown) => {
        if (this.#stop.signal.aborted || isNotFound(error)) return;
        this.#options.logger.error("A CustomResourceDefinition could not be worked on", {
          name,
          error: asError(error),
        });
        this.#options.clock.after(retryDelayMs, () => this.#enqueue(name));
      })
      .finally(() => {
        if (this.#work.get(name) === turn) this.#work.delete(name);
      });
    this.#work.set(name, turn);
  }

  async #sync(name: string): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const definition = this.#definitions.get(name);
    if (definition === undefined) return;
    this.#machinery ??= await import("./machinery.ts");
    const { deletionTimestamp, finalizers = [] } = definition.metadata ?? {};
    if (deletionTimestamp === undefined) await this.#accept(name, this.#machinery);
    else if (finalizers.includes(cleanupFinalizer)) {
      const gone = new AbortController();
      this.#finalizing.set(name, gone);
      await this.#finalize(name, definition, this.#machinery, gone.signal).finally(() =>
        this.#finalizing.delete(name),
      );
    }
  }

  /** Gives a definition the names that are free, and establishes it. */
  #accept(name: string, machinery: Machinery): Promise<void> {
    const turn = this.#naming.then(() =>
      this.#update(name, (definition, now) => {
        if (definition.metadata.deletionTimestamp !== undefined) return;
        const { group } = definition.spec;
        const others = this.#ofGroup(group).filter(({ metadata }) => metadata?.name !== name);
        machinery.setAcceptance(definition, others, now);
      }),
    );
    this.#naming = turn.catch(() => {});
    return turn;
  }

  /** Deletes the objects of a definition that is to go, and then lets it go; `gone` tells that it has gone before. */
  async #finalize(
    name: string,
    definition: Definition,
    machinery: Machinery,
    gone: AbortSignal,
  ): Promise<void> {
    const { clock, index } = this.#options;
    const { group, names } = definition.spec;
    const established = isConditionTrue(definition, "Established");
    const overlaps = index.isBuiltIn(group, names.plural);
    if (established && !overlaps) {
      await this.#update(name, (current, now) => {
        if (isSame(current, definition)) machinery.setTerminating(current, now, "InstanceDeletionInProgress");
      });
      const { storage } = this.#served.get(name)?.resource ?? this.#make(name, definition, machinery);
      await machinery.deleteInstances(storage, clock);
      await this.#untilEmpty(machinery, machinery.storagePrefixOf(definition), gone);
    }
    const reason = overlaps
      ? "OverlappingBuiltInResource"
      : established
        ? "InstanceDeletionCompleted"
        : "NeverEstablished";
    await this.#update(name, (current, now) => {
      // Whose finalizer somebody took away is gone; another of its name may be there by now.
      if (!isSame(current, definition)) return;
      machinery.setTerminating(current, now, reason);
      const { metadata } = current;
      metadata.finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== cleanupFinalizer);
    });
  }

  async #untilEmpty(machinery: Machinery, prefix: string, gone: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, gone]);
    try {
      signal.throwIfAborted();
      await machinery.untilEmpty(this.#options.backend, prefix, signal);
    } catch (error) {
      // Somebody has taken the finalizer away.
      if (!gone.aborted) throw error;
    }
  }

  /** Changes a definition; nothing is written where nothing changes. The last finalizer gone, it is deleted. */
  async #update(name: string, change: (definition: Typed<Definition>, now: string) => void): Promise<void> {
    await this.#store.update("", name, false, (existing) => {
      const object: ApiObject = this.#store.codec.decode(existing);
      // Only definitions are stored here.
      change(object as unknown as Typed<Definition>, timestamp(this.#options.clock.now()));
      const { deletionTimestamp, finalizers = [] } = object.metadata;
      return {
        action: deletionTimestamp !== undefined && finalizers.length === 0 ? "delete" : "store",
        object,
      };
    });
  }
}

interface Identified {
  readonly metadata?: { readonly uid?: string };
}

function isSame(left: Identified, right: Identified): boolean {
  return left.metadata?.uid === right.metadata?.uid;
}

/** Whether two states of a definition define the same resources. */
function saysTheSame(left: Definition, right: Definition): boolean {
  return (
    isSame(left, right) &&
    equalJson(left.spec, right.spec) &&
    equalJson(left.status?.acceptedNames, right.status?.acceptedNames)
  );
}
