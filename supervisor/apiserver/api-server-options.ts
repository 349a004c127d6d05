import type { TokenKeys } from "../base/pki/token-keys.ts";
import type { Backend } from "../storage/backend.ts";
import type { ProxyCredentials } from "./aggregation/remote-transport.ts";
import type { Auditor } from "./audit/auditor.ts";
import type { AnonymousSettings } from "./authentication/jwt/jwt-authenticator.ts";
import type { TokenAuthenticator } from "./authentication/token-authenticator.ts";
import type { HealthCheck } from "./health/health.ts";
import type { ClusterConnector } from "./proxy/cluster-connector.ts";
import type { KubeletProxy } from "./proxy/kubelet-proxy.ts";
import type { EncryptionAdministration } from "./routes/secrets-encryption-routes.ts";
import type { Services } from "./services.ts";
import type { AuthenticationAuthorities } from "./system-objects/authentication-config.ts";

export interface ApiServerOptions extends Services {
  readonly backend: Backend;
  /** Sign and verify ServiceAccount tokens. */
  readonly serviceAccountKeys: TokenKeys;
  /** Asked before those of ServiceAccounts and bootstrap tokens: a token file, say. */
  readonly tokenAuthenticators?: readonly TokenAuthenticator[];
  /** Which requests of nobody are answered; all where it is absent. */
  readonly anonymous?: AnonymousSettings;
  /** Reaches the hosts; without it their logs and streams are refused. */
  readonly proxy?: KubeletProxy;
  /** Reaches Pods and Services; without it webhooks are asked by URL only. */
  readonly connector?: ClusterConnector;
  /** By which servers that serve a part of the API know this one. */
  readonly proxyCredentials?: ProxyCredentials;
  /** What those servers are told of who asks them. */
  readonly authorities?: AuthenticationAuthorities;
  readonly secretsEncryption?: EncryptionAdministration;
  readonly auditor?: Auditor;
  /** Beside those of the server itself. */
  readonly healthChecks?: readonly HealthCheck[];
  /** Where clients reach the server, `host:port`, for discovery. */
  readonly serverAddress: string;
  /** The network of the Services, 10.43.0.0/16 where nobody says. */
  readonly serviceCidr?: string;
}
