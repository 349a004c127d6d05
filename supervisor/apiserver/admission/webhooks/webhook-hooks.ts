import type { V1MutatingWebhook, V1MutatingWebhookConfiguration } from "../../../api/generated/types.ts";
import type { Logger } from "../../../base/logging.ts";
import type { Backend } from "../../../storage/backend.ts";
import { ObjectCache } from "../../storage/object-cache.ts";

/** Of both kinds: a validating webhook has no `reinvocationPolicy`. */
export type Webhook = V1MutatingWebhook;

export interface WebhookHook {
  readonly configuration: string;
  readonly webhook: Webhook;
  /** Tells webhooks apart, also those of one name in one configuration. */
  readonly key: string;
}

/** All webhooks of a kind, in the order of their configurations' names. A write counts from its answer on. */
export class WebhookHooks {
  readonly #configurations: ObjectCache<V1MutatingWebhookConfiguration>;
  #hooks: readonly WebhookHook[] | undefined;

  constructor(backend: Backend, logger: Logger, prefix: string) {
    // Only objects of the kind are stored under its prefix.
    const keep = (object: object) => object as V1MutatingWebhookConfiguration;
    this.#configurations = new ObjectCache({ backend, logger, prefix, keep });
    this.#configurations.onChange(() => {
      this.#hooks = undefined;
    });
  }

  /** Reads all and follows the store until {@link stop}. */
  start(): Promise<void> {
    return this.#configurations.start();
  }

  stop(): void {
    this.#configurations.stop();
  }

  get hooks(): readonly WebhookHook[] {
    this.#hooks ??= Array.from(this.#configurations.entries())
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .flatMap(([configuration, { webhooks = [] }]) =>
        webhooks.map((webhook, index) => ({
          configuration,
          webhook,
          key: `${configuration}/${webhook.name}/${index}`,
        })),
      );
    return this.#hooks;
  }
}
