import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { AdmissionMetrics } from "../metrics/admission-metrics.ts";
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
  /** Whether it is asked about streams too, as policies and webhooks are that name the operation. */
  readonly seesConnect?: boolean;
  admit?(request: AdmissionRequest, reinvocation: Reinvocation): Promise<void> | void;
  validate?(request: AdmissionRequest): Promise<void> | void;
}

/** All plug-ins in their order. */
export class Admission {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #metrics: AdmissionMetrics | undefined;

  constructor(plugins: readonly AdmissionPlugin[], metrics?: AdmissionMetrics) {
    this.#plugins = plugins;
    this.#metrics = metrics;
  }

  /** Changes the object as the plug-ins say. Rejects with a refusal. */
  admit(request: AdmissionRequest): Promise<void> {
    return this.#measured("admit", request, performance.now(), this.#admit(request));
  }

  /** Asks whether the write is to be. Rejects with a refusal. */
  validate(request: AdmissionRequest): Promise<void> {
    return this.#measured("validate", request, performance.now(), this.#validate(request));
  }

  async #measured(
    step: "admit" | "validate",
    { operation }: AdmissionRequest,
    begun: number,
    done: Promise<void>,
  ): Promise<void> {
    let rejected = true;
    try {
      await done;
      rejected = false;
    } finally {
      this.#metrics?.step(step, operation, (performance.now() - begun) / 1000, rejected);
    }
  }

  async #admit(request: AdmissionRequest): Promise<void> {
    const reinvocation = new Reinvocation();
    do {
      for (const plugin of this.#plugins) {
        // Most plug-ins answer at once: no turn of the event loop for them.
        const pending = plugin.admit?.(request, reinvocation);
        if (pending !== undefined) await pending;
      }
    } while (reinvocation.again());
  }

  /** Asks about a stream that is to be opened, whose options are the request's object. Rejects with a refusal. */
  async connect(request: AdmissionRequest): Promise<void> {
    const reinvocation = new Reinvocation();
    const asked = this.#plugins.filter(({ seesConnect }) => seesConnect);
    for (const plugin of asked) await plugin.admit?.(request, reinvocation);
    for (const plugin of asked) await plugin.validate?.(request);
  }

  async #validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) {
      const pending = plugin.validate?.(request);
      if (pending !== undefined) await pending;
    }
  }
}
