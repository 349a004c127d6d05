import type { Logger } from "../../../base/logging.ts";
import type { Backend } from "../../../storage/backend.ts";
import { ObjectCache } from "../../storage/object-cache.ts";
import type { AnyBinding, AnyPolicy, PolicyHook } from "./policy-kinds.ts";

interface Names {
  /** `/registry/validatingadmissionpolicies/`. */
  readonly policies: string;
  readonly bindings: string;
}

/** All policies of a kind with their bindings. A write counts from its answer on. */
export class PolicyHooks<Policy extends AnyPolicy, Binding extends AnyBinding> {
  readonly #policies: ObjectCache<Policy>;
  readonly #bindings: ObjectCache<Binding>;
  #hooks: ReadonlyArray<PolicyHook<Policy, Binding>> | undefined;

  constructor(backend: Backend, logger: Logger, names: Names) {
    // Only objects of the kind are stored under its prefix.
    this.#policies = new ObjectCache({
      backend,
      logger,
      prefix: names.policies,
      keep: (object) => object as unknown as Policy,
    });
    this.#bindings = new ObjectCache({
      backend,
      logger,
      prefix: names.bindings,
      keep: (object) => object as unknown as Binding,
    });
    const forget = () => {
      this.#hooks = undefined;
    };
    this.#policies.onChange(forget);
    this.#bindings.onChange(forget);
  }

  /** Reads all and follows the store until {@link stop}. */
  async start(): Promise<void> {
    await Promise.all([this.#policies.start(), this.#bindings.start()]);
  }

  stop(): void {
    this.#policies.stop();
    this.#bindings.stop();
  }

  /** Policies that have bindings, by name. */
  get hooks(): ReadonlyArray<PolicyHook<Policy, Binding>> {
    this.#hooks ??= this.#joined();
    return this.#hooks;
  }

  #joined(): ReadonlyArray<PolicyHook<Policy, Binding>> {
    const bindings = new Map<string, Binding[]>();
    for (const [, binding] of Array.from(this.#bindings.entries()).sort(byId)) {
      const policyName = binding.spec?.policyName ?? "";
      const list = bindings.get(policyName);
      if (list === undefined) bindings.set(policyName, [binding]);
      else list.push(binding);
    }
    return Array.from(this.#policies.entries())
      .sort(byId)
      .flatMap(([name, policy]) => {
        const bound = bindings.get(name);
        return bound === undefined ? [] : [{ name, policy, bindings: bound }];
      });
  }
}

function byId([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
