import type {
  AuthenticationV1TokenRequest,
  V1Pod,
  V1ServiceAccountTokenProjection,
} from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { asError, messageOf } from "../../../supervisor/base/errors.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { KubernetesClient } from "../../../supervisor/client/types.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";

/** A token is made anew at the latest after this time, or when a fifth of its life is left (kubelet `token.Manager`). */
const longestUseMs = 24 * 3600 * 1000;
const lifeLeft = 0.2;
const maxJitterMs = 10_000;
/** After a refresh that failed while the old token is good. */
const retryMs = 60_000;
const defaultLifeSeconds = 3600;

interface Token {
  readonly text: string;
  readonly expiresMs: number;
  refreshMs: number;
}

export interface ServiceAccountTokensOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** The tokens of Pods' ServiceAccounts, each bound to its Pod and kept until it is time for a new one. */
export class ServiceAccountTokens {
  readonly #options: ServiceAccountTokensOptions;
  /** By the Pod's uid, then by what was asked for. */
  readonly #tokens = new Map<string, Map<string, Token>>();

  constructor(options: ServiceAccountTokensOptions) {
    this.#options = options;
  }

  /** Throws where there is no good token and none can be had. */
  async get(pod: V1Pod, wanted: V1ServiceAccountTokenProjection): Promise<string> {
    const { clock, logger } = this.#options;
    const { uid, name, namespace } = podIdentity(pod);
    const key = JSON.stringify([pod.spec?.serviceAccountName, wanted.audience, wanted.expirationSeconds]);
    const known = this.#tokens.get(uid)?.get(key);
    if (known && clock.now() < known.refreshMs) return known.text;
    try {
      const token = await this.#request(pod, wanted);
      const ofPod = this.#tokens.get(uid) ?? new Map<string, Token>();
      this.#tokens.set(uid, ofPod.set(key, token));
      return token.text;
    } catch (error) {
      const cause = asError(error);
      if (!known) throw new Error(`failed to fetch token: ${messageOf(error)}`, { cause });
      if (clock.now() >= known.expiresMs) {
        throw new Error(`token ${key} expired and refresh failed: ${messageOf(error)}`, { cause });
      }
      logger.warn("Couldn't update token", { pod: name, namespace, error: cause });
      known.refreshMs = clock.now() + retryMs;
      return known.text;
    }
  }

  /** When the first of the Pod's tokens is to be made anew; undefined where it has none. */
  refreshMs(uid: string): number | undefined {
    const times = [...(this.#tokens.get(uid)?.values() ?? [])].map(({ refreshMs }) => refreshMs);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  forget(uid: string): void {
    this.#tokens.delete(uid);
  }

  async #request(
    pod: V1Pod,
    { audience, expirationSeconds = defaultLifeSeconds }: V1ServiceAccountTokenProjection,
  ): Promise<Token> {
    const { client, clock, random } = this.#options;
    const { namespace, name, uid } = podIdentity(pod);
    const accounts = client.resource({ group: "", version: "v1", resource: "serviceaccounts" }, namespace);
    const request: AuthenticationV1TokenRequest = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {
        audiences: audience ? [audience] : [],
        expirationSeconds,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
      },
    };
    const account = pod.spec?.serviceAccountName || "default";
    const { spec, status } = await accounts.createSubresource(account, "token", request);
    if (!status?.token) throw new Error(`the API server gave no token of service account ${account}`);
    const lifeMs = (spec?.expirationSeconds ?? expirationSeconds) * 1000;
    const expiresMs = status.expirationTimestamp
      ? Date.parse(status.expirationTimestamp)
      : clock.now() + lifeMs;
    const firstUseMs = Math.min(lifeMs * (1 - lifeLeft), longestUseMs);
    return {
      text: status.token,
      expiresMs,
      refreshMs: expiresMs - lifeMs + firstUseMs - random() * maxJitterMs,
    };
  }
}
