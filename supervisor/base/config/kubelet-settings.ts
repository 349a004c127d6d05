/** The settings of a host that are a kubelet's: names, values and defaults are those of its flags. */
import { parseDuration } from "../duration.ts";
import { oneOf } from "./one-of.ts";
import type { Setting } from "./resolve-settings.ts";
import { UsageError } from "./usage-error.ts";

/** Quantities, percentages or durations by the names of resources or eviction signals. */
type ValuesByName = Readonly<Record<string, string>>;

export interface KubeletSettings {
  readonly maxPods: number;
  /** Quantities by resource. */
  readonly kubeReserved: ValuesByName;
  readonly systemReserved: ValuesByName;
  /** A quantity or a percentage by signal. */
  readonly evictionHard: ValuesByName;
  readonly evictionSoft: ValuesByName;
  /** A duration for each signal of `evictionSoft`. */
  readonly evictionSoftGracePeriod: ValuesByName;
  readonly evictionMinimumReclaim: ValuesByName;
  readonly evictionMaxPodGracePeriodSeconds: number;
  readonly evictionPressureTransitionPeriodMs: number;
  /** 0: Pods are not ended before the box shuts down. */
  readonly shutdownGracePeriodMs: number;
  /** The part of it that is for critical Pods. */
  readonly shutdownGracePeriodCriticalPodsMs: number;
  /** Absent: the kubelet API has no port of its own. */
  readonly kubeletPort?: number;
  /** Whether the cluster's authority signs that port's certificate, by a request that is asked for anew in time. */
  readonly rotateServerCertificates: boolean;
  /** Absent: `pod-manifests` within the host's folder. */
  readonly podManifestPath?: string;
}

const signals = [
  ...["memory.available", "nodefs.available", "nodefs.inodesFree", "imagefs.available", "imagefs.inodesFree"],
  ...["containerfs.available", "containerfs.inodesFree", "pid.available"],
];
const defaultEvictionHard =
  "memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%,imagefs.inodesFree<5%";
const quantity = /^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;
const amount = /^([0-9]+(\.[0-9]+)?%|[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)$/;

export const kubeletSettings: readonly Setting[] = [
  setting("max-pods", "NUMBER", "Pods that can run here", "110", wholeNumber),
  setting("kube-reserved", "LIST", "kept for Pacific itself: cpu=100m,memory=256Mi", "", reservation),
  setting("system-reserved", "LIST", "kept for the box: cpu=100m,memory=256Mi", "", reservation),
  setting(
    "eviction-hard",
    "LIST",
    "evict Pods at once: memory.available<100Mi,…",
    defaultEvictionHard,
    thresholds,
  ),
  setting("eviction-soft", "LIST", "evict Pods when it lasts: memory.available<300Mi,…", "", thresholds),
  setting("eviction-soft-grace-period", "LIST", "how long: memory.available=1m30s,…", "", periods),
  setting(
    "eviction-minimum-reclaim",
    "LIST",
    "what is freed at least: imagefs.available=2Gi,…",
    "",
    reclaims,
  ),
  setting("eviction-max-pod-grace-period", "SECONDS", "that evicted Pods get at most", "0", wholeNumber),
  setting("eviction-pressure-transition-period", "TIME", "before pressure is over", "5m", parseDuration),
  setting("shutdown-grace-period", "TIME", "that Pods get when the box shuts down: 30s", "0s", parseDuration),
  setting(
    "shutdown-grace-period-critical-pods",
    "TIME",
    "the part of it for critical Pods",
    "0s",
    parseDuration,
  ),
  setting("kubelet-port", "PORT", "serve the kubelet API there too, with TLS: 10250", undefined, port),
  setting(
    "rotate-server-certificates",
    "YES",
    "have that port's certificate signed by the cluster: true or false (true, with --kubeconfig false)",
    undefined,
    oneOf("true", "false"),
  ),
  setting("pod-manifest-path", "PATH", "folder with manifests of static Pods (pod-manifests in --data-dir)"),
];

function setting(
  name: string,
  value: string,
  description: string,
  preset?: string,
  check?: (text: string) => unknown,
): Setting {
  return {
    name,
    value,
    description,
    ...(preset !== undefined && { default: preset }),
    ...(check && { check: (text: string): void => void check(text) }),
  };
}

/** From resolved settings: each was checked there. Throws an error for what does not go together. */
export function toKubeletSettings(values: Readonly<Record<string, string>>): KubeletSettings {
  const list = (name: string): ValuesByName => pairsOf(values[name] ?? "");
  const durationMs = (name: string): number => parseDuration(values[name] ?? "0");
  const kubeletPort = values["kubelet-port"];
  const podManifestPath = values["pod-manifest-path"];
  const shutdownGracePeriodMs = durationMs("shutdown-grace-period");
  const shutdownGracePeriodCriticalPodsMs = durationMs("shutdown-grace-period-critical-pods");
  if (shutdownGracePeriodCriticalPodsMs > shutdownGracePeriodMs) {
    throw new UsageError(
      "--shutdown-grace-period-critical-pods is a part of --shutdown-grace-period: it must not be longer",
    );
  }
  return {
    maxPods: Number(values["max-pods"] ?? 110),
    kubeReserved: list("kube-reserved"),
    systemReserved: list("system-reserved"),
    evictionHard: list("eviction-hard"),
    evictionSoft: list("eviction-soft"),
    evictionSoftGracePeriod: list("eviction-soft-grace-period"),
    evictionMinimumReclaim: list("eviction-minimum-reclaim"),
    evictionMaxPodGracePeriodSeconds: Number(values["eviction-max-pod-grace-period"] ?? 0),
    evictionPressureTransitionPeriodMs: durationMs("eviction-pressure-transition-period"),
    shutdownGracePeriodMs,
    shutdownGracePeriodCriticalPodsMs,
    rotateServerCertificates: values["rotate-server-certificates"] !== "false",
    ...(kubeletPort && { kubeletPort: Number(kubeletPort) }),
    ...(podManifestPath && { podManifestPath }),
  };
}

/** What a host has without any flag. */
export const defaultKubeletSettings: KubeletSettings = toKubeletSettings(
  Object.fromEntries(kubeletSettings.map(({ name, default: preset = "" }) => [name, preset])),
);

/** Reads `name=value` or `name<value`, several of them parted by commas. */
function pairsOf(text: string): ValuesByName {
  const pairs = text.split(",").flatMap((part) => {
    const [, name = "", value = ""] = /^\s*([^=<\s]+)\s*[=<]\s*(.+?)\s*$/.exec(part) ?? [];
    return name === "" ? [] : [[name, value] as const];
  });
  return Object.fromEntries(pairs);
}

function checkPairs(text: string, sign: "=" | "<", isName: (name: string) => boolean, value: RegExp): void {
  for (const part of text.split(",").filter((each) => each.trim() !== "")) {
    const [name = "", given = ""] = part.split(sign).map((each) => each.trim());
    if (!isName(name) || !value.test(given)) {
      throw new Error(`${JSON.stringify(part)} was not understood, expected NAME${sign}VALUE,…`);
    }
  }
}

function isSignal(name: string): boolean {
  return signals.includes(name);
}

function reservation(text: string): void {
  const names = ["cpu", "memory", "ephemeral-storage", "pid"];
  checkPairs(text, "=", (name) => names.includes(name), quantity);
}

function thresholds(text: string): void {
  checkPairs(text, "<", isSignal, amount);
}

function reclaims(text: string): void {
  checkPairs(text, "=", isSignal, amount);
}

function periods(text: string): void {
  checkPairs(text, "=", isSignal, /./);
  for (const value of Object.values(pairsOf(text))) parseDuration(value);
}

function wholeNumber(text: string): void {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Error("expected a whole number");
}

function port(text: string): void {
  if (!/^[0-9]{1,5}$/.test(text) || Number(text) > 65_535) throw new Error("expected a port, such as 10250");
}
