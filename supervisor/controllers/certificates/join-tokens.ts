import type { V1Secret } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import { resources } from "../../client/resources.ts";
import type { KubernetesClient, ResourceClient } from "../../client/types.ts";

/** Counts the hosts that join by each token, in the token's own Secret: `uses` is the limit, `used-by` their keys. */
export class JoinTokens {
  readonly #secrets: ResourceClient<V1Secret>;

  constructor(client: KubernetesClient) {
    this.#secrets = client.resource<V1Secret>(resources.secrets, "kube-system");
  }

  /**
   * Counts a host's key, once however often it asks. Returns why the token cannot be used; undefined where it can.
   * Throws a conflict's `ApiError` where another writer was faster.
   */
  async use(tokenId: string, keyHash: string): Promise<string | undefined> {
    const name = `bootstrap-token-${tokenId}`;
    const secret = await this.#get(name);
    if (secret === undefined) {
      return `Join token ${tokenId} was deleted: make another with "pacific token create" on the supervisor`;
    }
    const users = field(secret, "used-by").split(" ").filter(Boolean);
    if (users.includes(keyHash)) return undefined;
    const uses = field(secret, "uses");
    if (uses !== "" && users.length >= Number(uses)) {
      return `Join token ${tokenId} is used up (${users.length} of ${uses} hosts have joined by it): make another with "pacific token create" on the supervisor`;
    }
    const usedBy = Buffer.from([...users, keyHash].join(" ")).toString("base64");
    await this.#secrets.update({ ...secret, data: { ...secret.data, "used-by": usedBy } });
    return undefined;
  }

  async #get(name: string): Promise<V1Secret | undefined> {
    try {
      return await this.#secrets.get(name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

function field(secret: V1Secret, name: string): string {
  return Buffer.from(secret.data?.[name] ?? "", "base64").toString("utf8");
}
