import type { V1Secret } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { createInformer } from "../../client/informer.ts";
import { objectKey } from "../../client/object-store.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";

/** Deletes bootstrap tokens when they expire (kube-controller-manager's token cleaner). */
export class TokenCleanerController implements Controller {
  readonly name = "token-cleaner-controller";
  readonly #environment: ControllerEnvironment;
  readonly #secrets: Informer<V1Secret>;
  readonly #queue: WorkQueue;

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    const selection = { namespace: "kube-system", fieldSelector: "type=bootstrap.kubernetes.io/token" };
    this.#secrets = createInformer<V1Secret>(
      environment.informers.client,
      resources.secrets,
      selection,
      environment,
    );
    this.#queue = new WorkQueue({ name: "token-cleaner", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = (secret: V1Secret): void => this.#queue.add(objectKey(secret));
    this.#secrets.addHandlers({ onAdd: add, onUpdate: add });
    await Promise.all([this.#secrets.run(signal), this.#queue.run(signal, 1, (key) => this.#clean(key))]);
  }

  async #clean(key: string): Promise<WorkResult | undefined> {
    const { client, clock, logger } = this.#environment;
    const secret = this.#secrets.get(key);
    const expiresMs = expirationMs(secret);
    if (expiresMs === undefined) return undefined;
    const leftMs = expiresMs - clock.now();
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    const { name = "", uid } = secret?.metadata ?? {};
    try {
      const options = uid === undefined ? {} : { uid };
      await client.resource<V1Secret>(resources.secrets, "kube-system").delete(name, options);
      logger.info("Deleted an expired join token", { secret: name });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    return undefined;
  }
}

/** When a token expires, in milliseconds since the Unix epoch; undefined where it never does or does not say. */
function expirationMs(secret: V1Secret | undefined): number | undefined {
  const text = Buffer.from(secret?.data?.expiration ?? "", "base64").toString("utf8");
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
