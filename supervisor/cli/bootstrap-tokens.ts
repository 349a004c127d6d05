import type { V1Secret } from "../api/generated/types.ts";
import { isNotFound } from "../apimachinery/errors.ts";
import type { Clock } from "../base/clock.ts";
import { formatJoinToken, generateJoinToken } from "../base/pki/join-token.ts";
import { timestamp } from "../base/timestamp.ts";
import type { KubernetesClient, ResourceClient } from "../client/types.ts";

/** Join tokens live as kubeadm's bootstrap tokens do: Secrets of this type in `kube-system`, named for their id. */
const secretType = "bootstrap.kubernetes.io/token";
const namePrefix = "bootstrap-token-";

export interface CreateTokenOptions {
  /** The SHA-256 of the CA's public key, in hex. */
  readonly caKeyHash: string;
  /** 0 for a token that never expires. */
  readonly ttlMs: number;
  /** How many hosts may join by it; absent for any number. */
  readonly uses?: number;
  readonly clock: Clock;
}

export interface BootstrapToken {
  readonly id: string;
  /** Milliseconds since the Unix epoch; absent for a token that never expires. */
  readonly expiresMs?: number;
  readonly uses?: number;
  /** How many hosts have joined by it. */
  readonly used: number;
}

function secretsOf(client: KubernetesClient): ResourceClient<V1Secret> {
  return client.resource<V1Secret>({ group: "", version: "v1", resource: "secrets" }, "kube-system");
}

/** Makes a join token and returns it whole: the only time that its secret is shown. */
export async function createToken(client: KubernetesClient, options: CreateTokenOptions): Promise<string> {
  const token = generateJoinToken(options.caKeyHash);
  const { ttlMs, uses } = options;
  const fields = {
    "token-id": token.id,
    "token-secret": token.secret,
    "usage-bootstrap-authentication": "true",
    "usage-bootstrap-signing": "true",
    ...(ttlMs === 0 ? {} : { expiration: timestamp(options.clock.now() + ttlMs) }),
    ...(uses === undefined ? {} : { uses: String(uses) }),
  };
  const data = Object.entries(fields).map(([name, value]) => [name, Buffer.from(value).toString("base64")]);
  await secretsOf(client).create({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: namePrefix + token.id, namespace: "kube-system" },
    type: secretType,
    data: Object.fromEntries(data),
  });
  return formatJoinToken(token);
}

export async function listTokens(client: KubernetesClient): Promise<readonly BootstrapToken[]> {
  const list = await secretsOf(client).list({ fieldSelector: `type=${secretType}` });
  return list.items.map(toToken).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Deletes a token by its id, or by the whole token. Throws where there is none. */
export async function deleteToken(client: KubernetesClient, token: string): Promise<void> {
  const [id = ""] = token.split(".");
  try {
    await secretsOf(client).delete(namePrefix + id);
  } catch (error) {
    if (isNotFound(error)) throw new Error(`There is no join token ${id}`, { cause: error });
    throw error;
  }
}

function toToken(secret: V1Secret): BootstrapToken {
  const field = (name: string): string => Buffer.from(secret.data?.[name] ?? "", "base64").toString("utf8");
  const expiration = field("expiration");
  const uses = field("uses");
  return {
    id: field("token-id") || (secret.metadata?.name ?? "").slice(namePrefix.length),
    ...(expiration === "" ? {} : { expiresMs: Date.parse(expiration) }),
    ...(uses === "" ? {} : { uses: Number(uses) }),
    used: field("used-by").split(" ").filter(Boolean).length,
  };
}
