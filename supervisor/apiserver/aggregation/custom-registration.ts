/** An APIService for each group version of custom resources (kubernetes `pkg/controlplane/controller/crdregistration`). */

import { isNotFound } from "../../apimachinery/errors.ts";
import { asError } from "../../base/errors.ts";
import type { Logger } from "../../base/logging.ts";
import type { GroupVersion, ResourceIndex } from "../resource-index.ts";
import type { Services } from "../services.ts";
import { ensureObject } from "../system-objects/ensure-object.ts";
import { customPriority, managedLabel, type RegisteredApi } from "./remote-api.ts";

export interface CustomRegistrationOptions extends Services {
  readonly index: ResourceIndex;
  readonly logger: Logger;
  /** By name. */
  registered(): ReadonlyMap<string, RegisteredApi>;
}

const group = "apiregistration.k8s.io";

export class CustomRegistration {
  readonly #options: CustomRegistrationOptions;
  #work: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(options: CustomRegistrationOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** There may be others than are registered. */
  poke(): void {
    this.#again = true;
    this.#work ??= this.#run().finally(() => {
      this.#work = undefined;
    });
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#sync();
      } catch (error) {
        if (this.#stopped) return;
        const cause = asError(error);
        this.#options.logger.error("APIServices of custom resources could not be written", { error: cause });
      }
    }
  }

  async #sync(): Promise<void> {
    const { index } = this.#options;
    const registered = this.#options.registered();
    const custom = index.groupVersions.filter(({ definitions }) =>
      definitions.every((definition) => definition.custom !== undefined),
    );
    const wanted = new Map(custom.map((version) => [`${version.version}.${version.group}`, version]));
    for (const [name, version] of wanted) await this.#ensure(name, version, registered.get(name));
    for (const [name, { isManaged }] of registered) {
      if (isManaged && !wanted.has(name)) await this.#remove(name);
    }
  }

  async #ensure(name: string, version: GroupVersion, known: RegisteredApi | undefined): Promise<void> {
    const { groupPriority, versionPriority } = customPriority;
    const spec = {
      group: version.group,
      version: version.version,
      groupPriorityMinimum: groupPriority,
      versionPriority,
    };
    if (known === undefined) {
      const metadata = { name, labels: { [managedLabel]: "true" } };
      await ensureObject(this.#store, this.#options, { metadata, spec });
      return;
    }
    const isRight =
      known.remote === undefined &&
      known.groupPriority === groupPriority &&
      known.versionPriority === versionPriority;
    if (!known.isManaged || isRight) return;
    const store = this.#store;
    await store
      .update("", name, false, (existing) => ({
        action: "store",
        object: { ...store.codec.decode(existing), spec },
      }))
      .catch(ignoreNotFound);
  }

  async #remove(name: string): Promise<void> {
    const store = this.#store;
    await store
      .update("", name, false, (existing) => ({ action: "delete", object: store.codec.decode(existing) }))
      .catch(ignoreNotFound);
  }

  get #store() {
    const store = this.#options.index.store(group, "v1", "apiservices");
    if (store === undefined) throw new RangeError("APIServices are no resource");
    return store;
  }
}

/** Somebody else has deleted it: that brings the next round. */
function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}
