/** Knows ServiceAccounts by their tokens, as long as what the tokens are bound to is there. */
import type { V1Secret } from "../../../api/generated/types.ts";
import type { Clock } from "../../../base/clock.ts";
import { type Claims, type TokenKeys, unverifiedClaims } from "../../../base/pki/token-keys.ts";
import type { UserInfo } from "../../../registry/resource-definition.ts";
import type { Backend } from "../../../storage/backend.ts";
import type { NodeGraph } from "../../authorization/node/node-graph.ts";
import { serviceAccountGroups, serviceAccountUser } from "../service-account-name.ts";
import type { TokenAuthenticator, TokenIdentity, TokenRefusal } from "../token-authenticator.ts";
import type { AccountCache } from "./account-cache.ts";
import {
  audiencesOf,
  type BoundClaims,
  type LegacyClaims,
  legacyIssuer,
  type ObjectIdentity,
  readBoundClaims,
  readLegacyClaims,
} from "./token-claims.ts";

/** Clocks may differ by this much, and what was deleted counts a little longer. */
const leewayMs = 60_000;
/** Verified tokens that are remembered: a signature costs far more than looking one up. */
const rememberedTokens = 4096;
const extraPrefix = "authentication.kubernetes.io/";

export interface ServiceAccountTokenOptions {
  readonly keys: TokenKeys;
  readonly issuer: string;
  /** Whom a token is for that names nobody. */
  readonly audiences: readonly string[];
  readonly accounts: AccountCache;
  readonly nodes: NodeGraph;
  readonly backend: Backend;
  readonly clock: Clock;
}

type Result = TokenIdentity | TokenRefusal;

export class ServiceAccountTokens implements TokenAuthenticator {
  readonly #options: ServiceAccountTokenOptions;
  readonly #verified = new Map<string, Claims>();

  constructor(options: ServiceAccountTokenOptions) {
    this.#options = options;
  }

  authenticate(token: string, audiences: readonly string[]): Result | Promise<Result> | undefined {
    const claims = this.#claims(token);
    if (claims === undefined) return undefined;
    if ("error" in claims) return { error: String(claims.error) };
    const given = audiencesOf(claims);
    const own = given.length === 0 ? this.#options.audiences : given;
    const shared = own.filter((audience) => audiences.includes(audience));
    if (shared.length === 0 && audiences.length > 0) {
      return {
        error: `token audiences ${goList(own)} is invalid for the target audiences ${goList(audiences)}`,
      };
    }
    if (claims.iss === legacyIssuer) return this.#legacy(token, readLegacyClaims(claims), shared);
    const bound = readBoundClaims(claims);
    return bound === undefined ? { error: "invalid bearer token" } : this.#bound(bound, shared);
  }

  /** What a token says that we signed; an `error` for one that only says that we did; undefined for others. */
  #claims(token: string): Claims | undefined {
    const known = this.#verified.get(token);
    if (known !== undefined) return known;
    const issuer = unverifiedClaims(token)?.iss;
    if (issuer !== this.#options.issuer && issuer !== legacyIssuer) return undefined;
    const claims = this.#options.keys.verify(token);
    if (claims === undefined) return { error: "square/go-jose: error in cryptographic primitive" };
    if (this.#verified.size >= rememberedTokens) {
      const [oldest] = this.#verified.keys();
      if (oldest !== undefined) this.#verified.delete(oldest);
    }
    this.#verified.set(token, claims);
    return claims;
  }

  #bound(claims: BoundClaims, audiences: readonly string[]): Result | Promise<Result> {
    const nowMs = this.#options.clock.now();
    const { expires, notBefore, namespace, pod, node, secret } = claims;
    if (expires !== undefined && nowMs - leewayMs > expires * 1000) {
      return { error: "service account token has expired" };
    }
    if (notBefore !== undefined && nowMs + leewayMs < notBefore * 1000) {
      return { error: "service account token is not valid yet" };
    }
    const complaint = this.#accountComplaint(namespace, claims.serviceAccount) ?? this.#podComplaint(claims);
    if (complaint !== undefined) return { error: complaint };
    const result = { user: userOf(claims), audiences };
    if (secret !== undefined)
      return this.#checkStored("secrets", `${namespace}/${secret.name}`, secret, result);
    if (node !== undefined && pod === undefined) return this.#checkStored("nodes", node.name, node, result);
    return result;
  }

  #accountComplaint(namespace: string, { name, uid }: ObjectIdentity): string | undefined {
    const account = this.#options.accounts.get(`${namespace}/${name}`);
    if (account === undefined) return `serviceaccounts ${JSON.stringify(name)} not found`;
    if (account.uid !== uid) return `service account UID (${account.uid}) does not match claim (${uid})`;
    const deletedAtMs = account.deletedAtMs ?? Number.POSITIVE_INFINITY;
    if (deletedAtMs >= this.#options.clock.now() - leewayMs) return undefined;
    return `service account ${namespace}/${name} has been deleted`;
  }

  #podComplaint({ namespace, pod }: BoundClaims): string | undefined {
    if (pod === undefined) return undefined;
    const known = this.#options.nodes.pod(namespace, pod.name);
    if (known === undefined) return "service account token has been invalidated";
    if (known.uid === pod.uid) return undefined;
    return `pod UID (${known.uid}) does not match service account pod ref claim (${pod.uid})`;
  }

  /** Whether a rarely named object is still the one of the token. */
  async #checkStored(
    resource: "secrets" | "nodes",
    id: string,
    { uid }: ObjectIdentity,
    result: TokenIdentity,
  ): Promise<Result> {
    const stored = await this.#options.backend.get(`/registry/${resource}/${id}`);
    if (stored === undefined) return { error: "service account token has been invalidated" };
    // What is stored are objects.
    const { metadata } = JSON.parse(stored.value) as V1Secret;
    if (metadata?.uid === uid) return result;
    const kind = resource === "secrets" ? "secret" : "node";
    return {
      error: `${kind} UID (${metadata?.uid}) does not match service account ${kind} ref claim (${uid})`,
    };
  }

  async #legacy(token: string, claims: LegacyClaims, audiences: readonly string[]): Promise<Result> {
    const { namespace, serviceAccount, secret } = claims;
    const stored = await this.#options.backend.get(`/registry/secrets/${namespace}/${secret}`);
    if (stored === undefined) return { error: "service account token has been invalidated" };
    // Only Secrets are stored under this prefix.
    const { data } = JSON.parse(stored.value) as V1Secret;
    const copy = Buffer.from(data?.token ?? "", "base64").toString("utf8");
    if (copy !== token) return { error: "service account token does not match server's copy" };
    const complaint = this.#accountComplaint(namespace, serviceAccount);
    if (complaint !== undefined) return { error: complaint };
    return { user: accountUser(namespace, serviceAccount), audiences };
  }
}

/** Texts as Go's `%q` prints a list of them. */
function goList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(" ")}]`;
}

function accountUser(namespace: string, { name, uid }: ObjectIdentity): UserInfo {
  return { name: serviceAccountUser(namespace, name), uid, groups: serviceAccountGroups(namespace) };
}

/** The ServiceAccount, with what its token is bound to (`authentication/serviceaccount` ServiceAccountInfo). */
function userOf({ namespace, serviceAccount, pod, node, tokenId }: BoundClaims): UserInfo {
  const extra: Record<string, readonly string[]> = {};
  if (tokenId !== "") extra[`${extraPrefix}credential-id`] = [`JTI=${tokenId}`];
  if (node !== undefined) {
    extra[`${extraPrefix}node-name`] = [node.name];
    if (node.uid !== "") extra[`${extraPrefix}node-uid`] = [node.uid];
  }
  if (pod !== undefined) {
    extra[`${extraPrefix}pod-name`] = [pod.name];
    extra[`${extraPrefix}pod-uid`] = [pod.uid];
  }
  return { ...accountUser(namespace, serviceAccount), extra };
}
