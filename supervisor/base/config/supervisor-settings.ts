import { overlap } from "../ipv4-network.ts";
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
    name: "log-level",
    value: "LEVEL",
    description: "debug, info, warn or error",
    default: "info",
    check: oneOf("debug", "info", "warn", "error"),
  },
];

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
  /** `scheduler`, `controllers`, or names of single controllers. */
  readonly disabled: ReadonlySet<string>;
  readonly logLevel: LogLevel;
}

/** The options of `pacific supervisor` from its resolved settings. Throws a {@link UsageError} where they disagree. */
export function toSupervisorOptions(values: Readonly<Record<string, string>>): SupervisorOptions {
  const dataDir = values["data-dir"] ?? defaultDataDir;
  const advertiseAddress = values["advertise-address"];
  const tokenAuthFile = values["token-auth-file"];
  const { "cluster-cidr": clusterCidr = "", "service-cidr": serviceCidr = "" } = values;
  checkSeparate(clusterCidr, serviceCidr);
  return {
    dataDir,
    listen: parseListenAddress(values.listen ?? ""),
    ...(tokenAuthFile === undefined ? {} : { tokenAuthFile }),
    ...(advertiseAddress === undefined ? {} : { advertiseAddress }),
    tlsNames: words(values["tls-san"]),
    kubeconfigPath: values["write-kubeconfig"] ?? defaultKubeconfigPath(dataDir),
    clusterCidr,
    serviceCidr,
    disabled: new Set(words(values.disable)),
    // Checked when it was resolved.
    logLevel: values["log-level"] as LogLevel,
  };
}

/** Instances beside the first one keep their kubeconfig with their data, so that none takes another's place. */
export function defaultKubeconfigPath(dataDir: string = defaultDataDir): string {
  return dataDir === defaultDataDir ? "/etc/pacific/kubeconfig.yaml" : `${dataDir}/kubeconfig.yaml`;
}

function checkSeparate(clusterCidr: string, serviceCidr: string): void {
  if (clusterCidr === "" || serviceCidr === "" || !overlap(clusterCidr, serviceCidr)) return;
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
