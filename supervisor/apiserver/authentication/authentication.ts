/** The authenticators of the API server in their order, with what they know. */
import type { Hono } from "hono";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logging.ts";
import type { MetricsRegistry } from "../../base/metrics/metrics-registry.ts";
import type { TokenKeys } from "../../base/pki/token-keys.ts";
import type { Backend } from "../../storage/backend.ts";
import type { NodeGraph } from "../authorization/node/node-graph.ts";
import type { Answers } from "../handlers/answer.ts";
import { identityReviews } from "../reviews/identity-reviews.ts";
import type { RouteEnvironment } from "../routes/path-routes.ts";
import { type Authenticator, firstOf } from "./authenticator.ts";
import { bootstrapTokenAuthenticator } from "./bootstrap-token.ts";
import { AccountCache } from "./service-account/account-cache.ts";
import { addIssuerRoutes } from "./service-account/issuer-routes.ts";
import { ServiceAccountTokens } from "./service-account/service-account-tokens.ts";
import { tokenRequests } from "./service-account/token-request.ts";
import { bearerAuthenticator, type TokenAuthenticator, TokenAuthenticators } from "./token-authenticator.ts";
import { x509Authenticator } from "./x509.ts";

/** Whom ServiceAccount tokens name as their issuer, and for whom they are by default: as kubeadm and k3s have it. */
export const serviceAccountIssuer = "https://kubernetes.default.svc.cluster.local";

export interface AuthenticationOptions {
  readonly backend: Backend;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly nodes: NodeGraph;
  readonly metrics: MetricsRegistry;
  /** Sign and verify ServiceAccount tokens. */
  readonly serviceAccountKeys: TokenKeys;
  /** Asked before bootstrap tokens: a token file, say. */
  readonly tokenAuthenticators: readonly TokenAuthenticator[];
  /** Where clients reach the server, `host:port`. */
  readonly serverAddress: string;
}

export class Authentication {
  /** Client certificates, then tokens, then nobody. */
  readonly authenticator: ReturnType<typeof firstOf>;
  /** Of reviews and token requests. */
  readonly answers: Answers;
  readonly accounts: AccountCache;
  readonly #issuer: { readonly keys: TokenKeys; readonly issuer: string };
  readonly #serverAddress: string;

  constructor(options: AuthenticationOptions) {
    const { backend, logger, clock, nodes, tokenAuthenticators, serviceAccountKeys } = options;
    const audiences = [serviceAccountIssuer];
    this.accounts = new AccountCache(backend, logger);
    this.#issuer = { keys: serviceAccountKeys, issuer: serviceAccountIssuer };
    this.#serverAddress = options.serverAddress;
    const { accounts } = this;
    const tokens = new TokenAuthenticators(
      [
        ...tokenAuthenticators,
        new ServiceAccountTokens({ ...this.#issuer, audiences, accounts, nodes, backend, clock }),
        bootstrapTokenAuthenticator(backend, clock),
      ],
      audiences,
    );
    const known: readonly Authenticator[] = [
      x509Authenticator(options.metrics, clock),
      bearerAuthenticator(tokens),
    ];
    this.authenticator = firstOf(known);
    this.answers = { ...identityReviews(tokens), ...tokenRequests({ ...this.#issuer, audiences }) };
  }

  /** The issuer's documents. */
  addRoutes(app: Hono<RouteEnvironment>): void {
    addIssuerRoutes(app, { ...this.#issuer, serverAddress: this.#serverAddress });
  }

  start(): Promise<void> {
    return this.accounts.start();
  }

  stop(): void {
    this.accounts.stop();
  }
}
