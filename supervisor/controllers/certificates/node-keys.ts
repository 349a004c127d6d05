import type { V1Secret } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import type { Clock } from "../../base/clock.ts";
import { resources } from "../../client/resources.ts";
import type { KubernetesClient, ResourceClient } from "../../client/types.ts";

/** Says in a key's record that its Node was seen. */
const registeredAnnotation = "pacific.dev/node-registered";
/** How long a key keeps its node name while its host does not register. */
const reservationMs = 3600_000;

/**
 * Which key each node name belongs to: Secrets `<node>.node-key` in `kube-system`, as k3s keeps its node passwords.
 * So a second host of the same name is told from the first one that asks again.
 */
export class NodeKeys {
  readonly #secrets: ResourceClient<V1Secret>;
  readonly #clock: Clock;

  constructor(client: KubernetesClient, clock: Clock) {
    this.#secrets = client.resource<V1Secret>(resources.secrets, "kube-system");
    this.#clock = clock;
  }

  /** The hash of the key that holds the name; undefined for a free one. */
  async holder(nodeName: string, nodeExists: boolean): Promise<string | undefined> {
    const record = await this.#get(nodeName);
    if (record === undefined) return undefined;
    const ageMs = this.#clock.now() - Date.parse(record.metadata?.creationTimestamp ?? "");
    const isRegistered = record.metadata?.annotations?.[registeredAnnotation] === "true";
    if (!nodeExists && (isRegistered || ageMs > reservationMs)) return undefined;
    return Buffer.from(record.data?.["key-hash"] ?? "", "base64").toString("utf8");
  }

  /** Gives the name to a key, whoever had it. Throws a conflict's `ApiError` where another writer was faster. */
  async assign(nodeName: string, keyHash: string): Promise<void> {
    const record = await this.#get(nodeName);
    const data = { "key-hash": Buffer.from(keyHash).toString("base64") };
    if (record?.data?.["key-hash"] === data["key-hash"]) return;
    if (record !== undefined) {
      // Made anew rather than changed: its age and whether it was registered are the new key's.
      const { uid } = record.metadata ?? {};
      await this.#secrets.delete(secretName(nodeName), uid === undefined ? {} : { uid });
    }
    const metadata = { name: secretName(nodeName), namespace: "kube-system" };
    await this.#secrets.create({
      apiVersion: "v1",
      kind: "Secret",
      metadata,
      type: "pacific.dev/node-key",
      data,
    });
  }

  /** Notes that the name's Node exists. */
  async markRegistered(nodeName: string): Promise<void> {
    const record = await this.#get(nodeName);
    if (record === undefined || record.metadata?.annotations?.[registeredAnnotation] === "true") return;
    const patch = { metadata: { annotations: { [registeredAnnotation]: "true" } } };
    await this.#secrets.patch(secretName(nodeName), patch, "application/merge-patch+json");
  }

  /** Frees the name after its Node was deleted. */
  async release(nodeName: string): Promise<void> {
    const record = await this.#get(nodeName);
    if (record?.metadata?.annotations?.[registeredAnnotation] !== "true") return;
    try {
      await this.#secrets.delete(secretName(nodeName));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #get(nodeName: string): Promise<V1Secret | undefined> {
    try {
      return await this.#secrets.get(secretName(nodeName));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

function secretName(nodeName: string): string {
  return `${nodeName}.node-key`;
}
