import { hostname } from "node:os";
import type { LogLevel } from "../logging.ts";
import { type KubeletSettings, kubeletSettings, toKubeletSettings } from "./kubelet-settings.ts";
import { oneOf } from "./one-of.ts";
import type { Setting } from "./resolve-settings.ts";
import { parseServerUrl } from "./server-url.ts";
import { parseSysctlPatterns } from "./sysctl-patterns.ts";
import { UsageError } from "./usage-error.ts";

export const hostSettings: readonly Setting[] = [
  {
    name: "server",
    value: "URL",
    description: "supervisor to join: https://HOST:6443",
    check: parseServerUrl,
  },
  {
    name: "token",
    value: "TOKEN",
    description: 'what "pacific token create" printed there; for the first start',
  },
  { name: "kubeconfig", value: "PATH", description: "any Kubernetes cluster, instead of a supervisor" },
  {
    name: "data-dir",
    value: "PATH",
    description: "folder that holds all state",
    default: "/var/lib/pacific/host",
  },
  { name: "node-name", value: "NAME", description: "name of the Node (the host's own)" },
  { name: "node-ip", value: "IP", description: "address of the Node (the one towards the supervisor)" },
  {
    name: "accel",
    value: "KIND",
    description: "how virtual machines run: auto, kvm or tcg",
    default: "auto",
    check: oneOf("auto", "kvm", "tcg"),
  },
  {
    name: "crx-start",
    value: "KIND",
    description: "how the machines of Pods start: auto (cloned from a template where possible) or boot",
    default: "auto",
    check: oneOf("auto", "boot"),
  },
  {
    name: "crx-pool",
    value: "N",
    description: "machines that wait for Pods, 0 to 64; each costs about 40 MiB and lets a Pod start sooner",
    default: "1",
    check: (text) => void parsePoolSize(text),
  },
  {
    name: "network",
    value: "KIND",
    description: "network of the Pods: auto or none",
    default: "auto",
    check: oneOf("auto", "none"),
  },
  {
    name: "private-registry",
    value: "PATH",
    description: "mirrors, credentials and certificates of registries, as k3s's registries.yaml",
    default: "/etc/pacific/registries.yaml",
  },
  {
    name: "machine-classes",
    value: "PATH",
    description: "sizes and kernels of machines by the handlers of RuntimeClasses",
    default: "/etc/pacific/machine-classes.yaml",
  },
  {
    name: "allowed-unsafe-sysctls",
    value: "LIST",
    description: "sysctls that Pods may set beside the safe ones: kernel.msg*,net.core.somaxconn",
    check: parseSysctlPatterns,
  },
  {
    name: "log-level",
    value: "LEVEL",
    description: "debug, info, warn or error",
    default: "info",
    check: oneOf("debug", "info", "warn", "error"),
  },
  ...kubeletSettings,
];

const maxPoolSize = 64;

export interface HostSettings {
  readonly server?: string;
  readonly token?: string;
  readonly kubeconfig?: string;
  readonly dataDir: string;
  readonly nodeName: string;
  readonly nodeIp?: string;
  readonly accel: "auto" | "kvm" | "tcg";
  readonly crxStart: "auto" | "boot";
  readonly crxPool: number;
  readonly network: "auto" | "none";
  /** Names of sysctls; a `*` at the end stands for any rest. */
  readonly allowedUnsafeSysctls: readonly string[];
  readonly privateRegistry: string;
  readonly machineClasses: string;
  readonly logLevel: LogLevel;
  readonly kubelet: KubeletSettings;
}

/** The options of `pacific host` from its resolved settings. Throws a {@link UsageError} for what excludes itself. */
export function toHostSettings(values: Readonly<Record<string, string>>): HostSettings {
  const { server, token, kubeconfig } = values;
  if (kubeconfig !== undefined && (server !== undefined || token !== undefined)) {
    throw new UsageError("--kubeconfig cannot stand beside --server or --token: give one or the other");
  }
  const nodeIp = values["node-ip"];
  return {
    ...(server === undefined ? {} : { server }),
    ...(token === undefined ? {} : { token }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(nodeIp === undefined ? {} : { nodeIp }),
    allowedUnsafeSysctls: parseSysctlPatterns(values["allowed-unsafe-sysctls"] ?? ""),
    dataDir: values["data-dir"] ?? "",
    nodeName: values["node-name"] ?? hostname().toLowerCase(),
    // The four were checked when they were resolved.
    accel: values.accel as HostSettings["accel"],
    crxStart: values["crx-start"] as HostSettings["crxStart"],
    crxPool: parsePoolSize(values["crx-pool"] ?? "0"),
    network: values.network as HostSettings["network"],
    privateRegistry: values["private-registry"] ?? "",
    machineClasses: values["machine-classes"] ?? "",
    logLevel: values["log-level"] as LogLevel,
    // Of another cluster nobody knows who approves what its hosts ask for.
    kubelet: toKubeletSettings({ "rotate-server-certificates": String(kubeconfig === undefined), ...values }),
  };
}

function parsePoolSize(text: string): number {
  const size = Number(text);
  if (!/^\d+$/.test(text) || size > maxPoolSize)
    throw new Error(`expected a whole number from 0 to ${maxPoolSize}`);
  return size;
}
