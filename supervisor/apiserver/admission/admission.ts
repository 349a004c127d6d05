import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { ResourceContext } from "../request-context.ts";

type Operation = "CREATE" | "UPDATE" | "DELETE";

export interface AdmissionRequest {
  readonly operation: Operation;
  readonly context: ResourceContext;
  /** The new state, open to change; absent for a deletion. */
  readonly object?: ApiObject;
  readonly old?: ApiObject;
}

/** Changes or refuses a write between decoding and validation. Refusals are API errors. */
export interface AdmissionPlugin {
  admit(request: AdmissionRequest): Promise<void> | void;
}

/** All plug-ins in their order. */
export class Admission {
  readonly #plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  async admit(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) {
      // Most plug-ins answer at once: no turn of the event loop for them.
      const pending = plugin.admit(request);
      if (pending !== undefined) await pending;
    }
  }
}
