import { overlap, requireNetwork } from "../ipv4-network.ts";
import type { LogLevel } from "../logging.ts";
import { checkIpAddress, checkNetwork } from "./address-checks.ts";
import { type ListenAddress, parseListenAddress } from "./listen-address.ts";
import { oneOf } from "./one-of.ts";
import type { Setting } from "./resolve-settings.ts";
import { UsageError } from "./usage-error.ts";

const defaultDataDir = "/var/lib/pacific/supervisor";

export const supervisorSettings: readonly Setting[] = [
  { name: "data-dir", value: "PATH", description: "folder that holds all state", default: defaultDataDir },
  {
    name: "listen",
    value: "HOST:PORT",
    description: "address of the API",
    default: "0.0.0.0:6443",
    check: parseListenAddress,
  },
  {
    name: "advertise-address",
    value: "IP",
    description: "address that hosts and users reach it by",
    check: checkIpAddress,
  },
  {
    name: "tls-san",
    value: "NAMES",
    description: "more names and addresses for its certificate, with commas",
  },
  {
    name: "write-kubeconfig",
    value: "PATH",
    description:
      "where the administrator's kubeconfig goes (/etc/pacific/kubeconfig.yaml; in another data-dir's folder)",
  },
  {
    name: "token-auth-file",
    value: "PATH",
    description: 'users with bearer tokens, a line each: token,user,uid,"group1,group2"',
  },
  {
    name: "anonymous-auth",
    value: "BOOL",
    description: "whether who shows no credentials may ask, as system:anonymous (true)",
    check: oneOf("true", "false"),
  },
  {
    name: "authentication-config",
    value: "PATH",
    description: "providers of tokens and who may ask without any: an AuthenticationConfiguration",
  },
  {
    name: "oidc-issuer-url",
    value: "URL",
    description: "OpenID Connect provider whose users are known here, by kube-apiserver's rules",
  },
  { name: "oidc-client-id", value: "ID", description: "client that its tokens must be for" },
  { name: "oidc-username-claim", value: "CLAIM", description: "claim that names the user", default: "sub" },
  {
    name: "oidc-username-prefix",
    value: "TEXT",
    description:
      'what user names begin with ("-" for nothing; the issuer and "#", unless the claim is email)',
  },
  { name: "oidc-groups-claim", value: "CLAIM", description: "claim that names the user's groups" },
  { name: "oidc-groups-prefix", value: "TEXT", description: "what group names begin with" },
  {
    name: "oidc-required-claim",
    value: "CLAIM=VALUE,…",
    description: "claims that tokens must have",
  },
  {
    name: "oidc-signing-algs",
    value: "ALG,…",
    description: "how tokens may be signed: RS256, ES256",
    default: "RS256",
  },
  { name: "oidc-ca-file", value: "PATH", description: "CA of the provider (the system's)" },
  {
    name: "cluster-cidr",
    value: "CIDR",
    description: "network of the Pods",
    default: "10.42.0.0/16",
    check: checkNetwork,
  },
  {
    name: "service-cidr",
    value: "CIDR",
    description: "network of the Services",
    default: "10.43.0.0/16",
    check: checkNetwork,
  },
  {
    name: "datastore-endpoint",
    value: "STORE",
    description: "where the state is kept",
    default: "sqlite",
    check: oneOf("sqlite"),
  },
  {
    name: "disable",
    value: "PARTS",
    description: "scheduler, controllers, or names of controllers, with commas",
  },
  {
    name: "audit-policy-file",
    value: "PATH",
    description: "which requests are recorded: an audit.k8s.io/v1 Policy",
  },
  {
    name: "audit-log-path",
    value: "PATH",
    description: "where they are recorded as JSON, a line each; - for standard output",
  },
  {
    name: "audit-log-maxsize",
    value: "MB",
    description: "size from which a new audit log is begun; 0 for no limit",
    default: "100",
    check: wholeNumber,
  },
  {
    name: "audit-log-maxbackup",
    value: "N",
    description: "how many old audit logs are kept; 0 for all",
    default: "10",
    check: wholeNumber,
  },
  {
    name: "audit-log-maxage",
    value: "DAYS",
    description: "how long old audit logs are kept; 0 for ever",
    default: "30",
    check: wholeNumber,
  },
  {
    name: "log-level",
    value: "LEVEL",
    description: "debug, info, warn or error",
    default: "info",
    check: oneOf("debug", "info", "warn", "error"),
  },
];

function wholeNumber(text: string): void {
  if (!/^\d{1,9}$/.test(text)) throw new Error("expected a whole number from 0");
}

export interface AuditSettings {
  readonly policyPath: string;
  readonly logPath: string;
  readonly maxBytes: number;
  readonly maxBackups: number;
  readonly maxAgeMs: number;
}

/** An OpenID Connect provider (kube-apiserver's `--oidc-…`). */
export interface OidcSettings {
  readonly issuerUrl: string;
  readonly clientId: string;
  readonly usernameClaim: string;
  readonly usernamePrefix: string;
  readonly groupsClaim?: string;
  readonly groupsPrefix: string;
  readonly requiredClaims: Readonly<Record<string, string>>;
  readonly signingAlgorithms: readonly string[];
  readonly caFile?: string;
}

export interface SupervisorOptions {
  readonly dataDir: string;
  readonly listen: ListenAddress;
  readonly advertiseAddress?: string;
  readonly tlsNames: readonly string[];
  readonly kubeconfigPath: string;
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  /** A file of kube-apiserver's format of the same name. */
  readonly tokenAuthFile?: string;
  readonly oidc?: OidcSettings;
  /** Whether requests without credentials are answered; absent where nobody has said it. */
  readonly anonymousAuth?: boolean;
  /** A file that holds an apiserver.config.k8s.io/v1 AuthenticationConfiguration. */
  readonly authenticationConfig?: string;
  /** `scheduler`, `controllers`, or names of single controllers. */
  readonly disabled: ReadonlySet<string>;
  readonly audit?: AuditSettings;
  readonly logLevel: LogLevel;
}

/** The options of `pacific supervisor` from its resolved settings. Throws a {@link UsageError} where they disagree. */
export function toSupervisorOptions(values: Readonly<Record<string, string>>): SupervisorOptions {
  const dataDir = values["data-dir"] ?? defaultDataDir;
  const advertiseAddress = values["advertise-address"];
  const tokenAuthFile = values["token-auth-file"];
  const anonymousAuth = values["anonymous-auth"];
  const { "cluster-cidr": clusterCidr = "", "service-cidr": serviceCidr = "" } = values;
  checkSeparate(clusterCidr, serviceCidr);
  return {
    dataDir,
    listen: parseListenAddress(values.listen ?? ""),
    ...(tokenAuthFile === undefined ? {} : { tokenAuthFile }),
    ...(anonymousAuth === undefined ? {} : { anonymousAuth: anonymousAuth === "true" }),
    ...(advertiseAddress === undefined ? {} : { advertiseAddress }),
    tlsNames: words(values["tls-san"]),
    kubeconfigPath: values["write-kubeconfig"] ?? defaultKubeconfigPath(dataDir),
    clusterCidr,
    serviceCidr,
    disabled: new Set(words(values.disable)),
    ...tokenProviders(values),
    ...auditSettings(values),
    // Checked when it was resolved.
    logLevel: values["log-level"] as LogLevel,
  };
}

function tokenProviders(
  values: Readonly<Record<string, string>>,
): Pick<SupervisorOptions, "oidc" | "authenticationConfig"> {
  const { "authentication-config": authenticationConfig } = values;
  const flags = oidcSettings(values);
  if (authenticationConfig === undefined) return flags;
  if (flags.oidc === undefined) return { authenticationConfig };
  throw new UsageError(
    "--authentication-config and --oidc-… exclude each other: name the provider in the file",
  );
}

function oidcSettings(values: Readonly<Record<string, string>>): { oidc?: OidcSettings } {
  const { "oidc-issuer-url": issuerUrl, "oidc-client-id": clientId } = values;
  if (issuerUrl === undefined && clientId === undefined) return {};
  if (issuerUrl === undefined || clientId === undefined) {
    throw new UsageError("--oidc-issuer-url and --oidc-client-id go together: give both or neither");
  }
  if (!issuerUrl.startsWith("https://")) {
    throw new UsageError(`--oidc-issuer-url ${issuerUrl} is not secure: expected https://…`);
  }
  const usernameClaim = values["oidc-username-claim"] ?? "sub";
  const given = values["oidc-username-prefix"];
  const usernamePrefix = given ?? (usernameClaim === "email" ? "" : `${issuerUrl}#`);
  const { "oidc-groups-claim": groupsClaim, "oidc-ca-file": caFile } = values;
  const oidc = {
    issuerUrl,
    clientId,
    usernameClaim,
    usernamePrefix: usernamePrefix === "-" ? "" : usernamePrefix,
    ...(groupsClaim === undefined ? {} : { groupsClaim }),
    groupsPrefix: values["oidc-groups-prefix"] ?? "",
    requiredClaims: requiredClaims(values["oidc-required-claim"]),
    signingAlgorithms: signingAlgorithms(values["oidc-signing-algs"]),
    ...(caFile === undefined ? {} : { caFile }),
  };
  return { oidc };
}

function requiredClaims(text: string | undefined): Readonly<Record<string, string>> {
  const pairs = words(text).map((pair) => {
    const [name = "", ...value] = pair.split("=");
    if (name === "" || value.length === 0) {
      throw new UsageError(`--oidc-required-claim ${pair} has no value: expected CLAIM=VALUE`);
    }
    return [name, value.join("=")] as const;
  });
  return Object.fromEntries(pairs);
}

/** How tokens of providers may be signed. */
export const knownAlgorithms: readonly string[] = ["RS256", "ES256"];

function signingAlgorithms(text: string | undefined): readonly string[] {
  const algorithms = words(text ?? "RS256");
  const unknown = algorithms.find((name) => !knownAlgorithms.includes(name));
  if (unknown === undefined) return algorithms;
  throw new UsageError(
    `--oidc-signing-algs ${unknown} is not supported: expected ${knownAlgorithms.join(" or ")}`,
  );
}

const bytesPerMegabyte = 1024 * 1024;
const msPerDay = 24 * 60 * 60 * 1000;

function auditSettings(values: Readonly<Record<string, string>>): { audit?: AuditSettings } {
  const policyPath = values["audit-policy-file"];
  const logPath = values["audit-log-path"];
  if (policyPath === undefined && logPath === undefined) return {};
  if (policyPath === undefined || logPath === undefined) {
    const missing = policyPath === undefined ? "--audit-policy-file" : "--audit-log-path";
    throw new UsageError(`${missing} is missing: an audit log needs a policy and a path`);
  }
  const maxBytes = Number(values["audit-log-maxsize"]) * bytesPerMegabyte;
  const maxAgeMs = Number(values["audit-log-maxage"]) * msPerDay;
  return {
    audit: { policyPath, logPath, maxBytes, maxAgeMs, maxBackups: Number(values["audit-log-maxbackup"]) },
  };
}

/** Instances beside the first one keep their kubeconfig with their data, so that none takes another's place. */
export function defaultKubeconfigPath(dataDir: string = defaultDataDir): string {
  return dataDir === defaultDataDir ? "/etc/pacific/kubeconfig.yaml" : `${dataDir}/kubeconfig.yaml`;
}

function checkSeparate(clusterCidr: string, serviceCidr: string): void {
  if (clusterCidr === "" || serviceCidr === "") return;
  if (!overlap(requireNetwork(clusterCidr), requireNetwork(serviceCidr))) return;
  throw new UsageError(
    `--cluster-cidr ${clusterCidr} and --service-cidr ${serviceCidr} overlap: choose networks without a common address`,
  );
}

function words(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
}
