import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { ResourceContext } from "../request-context.ts";
import { Reinvocation } from "./reinvocation.ts";

type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

export interface AdmissionRequest {
  readonly operation: Operation;
  readonly context: ResourceContext;
  /** The new state, open to change while admitting; absent for a deletion. For a subresource that is an action, its body. */
  readonly object?: ApiObject;
  /** The state before; absent for a creation. */
  readonly old?: ApiObject;
  /** Nothing will be stored: a plug-in leaves no trace either. */
  readonly dryRun: boolean;
}

/**
 * Changes or refuses a write, as upstream in two phases: `admit` between decoding and the strategy, which may change the
 * object; `validate` after validation, with the object as it will be stored. Refusals are API errors.
 */
export interface AdmissionPlugin {
  /** Its name upstream, `NamespaceLifecycle`. */
  readonly name: string;
  admit?(request: AdmissionRequest, reinvocation: Reinvocation): Promise<void> | void;
  validate?(request: AdmissionRequest): Promise<void> | void;
}

/** All plug-ins in their order. */
export class Admission {
  readonly #plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  async admit(request: AdmissionRequest): Promise<void> {
    const reinvocation = new Reinvocation();
    do {
      for (const plugin of this.#plugins) {
        // Most plug-ins answer at once: no turn of the event loop for them.
        const pending = plugin.admit?.(request, reinvocation);
        if (pending !== undefined) await pending;
      }
    } while (reinvocation.again());
  }

  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) {
      const pending = plugin.validate?.(request);
      if (pending !== undefined) await pending;
    }
  }
}
