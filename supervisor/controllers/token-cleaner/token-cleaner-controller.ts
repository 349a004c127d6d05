import type { V1Secret } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { createInformer } from "../../client/informer.ts";
import { objectKey } from "../../client/object-store.ts";
import { resources } from "../../client/resources.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";

/** Deletes bootstrap tokens when they expire (kube-controller-manager's token cleaner). */
export function tokenCleanerController(environment: ControllerEnvironment): Controller {
  const { client, clock, logger } = environment;
  const secrets = createInformer<V1Secret>(
    client,
    resources.secrets,
    { namespace: "kube-system", fieldSelector: "type=bootstrap.kubernetes.io/token" },
    { clock, logger },
  );
  const queue = new WorkQueue({ name: "token-cleaner", clock, logger });
  secrets.addHandlers({
    onAdd: (secret) => queue.add(objectKey(secret)),
    onUpdate: (secret) => queue.add(objectKey(secret)),
  });

  const clean = async (key: string): Promise<WorkResult | undefined> => {
    const secret = secrets.get(key);
    const { name = "", uid } = secret?.metadata ?? {};
    const expiresMs = expirationMs(secret);
    if (expiresMs === undefined) return undefined;
    const leftMs = expiresMs - clock.now();
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    try {
      const options = uid === undefined ? {} : { uid };
      await client.resource<V1Secret>(resources.secrets, "kube-system").delete(name, options);
      logger.info("Deleted an expired join token", { secret: name });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    return undefined;
  };

  return {
    name: "token-cleaner-controller",
    async run(signal) {
      await Promise.all([secrets.run(signal), queue.run(signal, 1, clean)]);
    },
  };
}

/** When a token expires, in milliseconds since the Unix epoch; undefined where it never does or does not say. */
function expirationMs(secret: V1Secret | undefined): number | undefined {
  const text = Buffer.from(secret?.data?.expiration ?? "", "base64").toString("utf8");
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
