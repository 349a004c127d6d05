/** The rules of the baseline level (pod-security-admission `policy`), by their ids. */
import type { V1LifecycleHandler, V1PodSpec, V1Probe } from "../../../api/generated/types.ts";
import { appArmorProfile, seccompAnnotations, seccompProfile, seLinuxOptions } from "./profile-checks.ts";
import {
  allContainers,
  containerList,
  containersWhere,
  exceptInUserNamespace,
  plural,
  quoted,
  type SecurityCheck,
  setters,
  sortedSet,
  type Violation,
} from "./security-check.ts";

const defaultCapabilities = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

const sysctls = [
  { since: 0, names: ["kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"] },
  { since: 0, names: ["net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start"] },
  { since: 27, names: ["net.ipv4.ip_local_reserved_ports"] },
  { since: 29, names: ["net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout"] },
  { since: 29, names: ["net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"] },
  { since: 32, names: ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"] },
];

export const baselineChecks: readonly SecurityCheck[] = [
  { id: "appArmorProfile", revisions: [{ since: 0, check: appArmorProfile }] },
  { id: "capabilities_baseline", revisions: [{ since: 0, check: capabilities }] },
  { id: "hostNamespaces", revisions: [{ since: 0, check: hostNamespaces }] },
  { id: "hostPathVolumes", revisions: [{ since: 0, check: hostPathVolumes }] },
  { id: "hostPorts", revisions: [{ since: 0, check: hostPorts }] },
  { id: "hostProbesAndHostLifecycle", revisions: [{ since: 34, check: probeHosts }] },
  { id: "privileged", revisions: [{ since: 0, check: privileged }] },
  {
    id: "procMount",
    revisions: [
      { since: 0, check: procMount },
      { since: 35, check: exceptInUserNamespace(procMount) },
    ],
  },
  {
    id: "seLinuxOptions",
    revisions: [
      { since: 0, check: seLinuxOptions(["container_t", "container_init_t", "container_kvm_t"]) },
      {
        since: 31,
        check: seLinuxOptions(["container_t", "container_init_t", "container_kvm_t", "container_engine_t"]),
      },
    ],
  },
  {
    id: "seccompProfile_baseline",
    revisions: [
      { since: 0, check: seccompAnnotations },
      { since: 19, check: seccompProfile },
    ],
  },
  {
    id: "sysctls",
    revisions: [0, 27, 29, 32].map((since) => ({ since, check: (spec) => forbiddenSysctls(spec, since) })),
  },
  { id: "windowsHostProcess", revisions: [{ since: 0, check: windowsHostProcess }] },
];

function capabilities(spec: V1PodSpec): Violation | undefined {
  const added = (names: readonly string[] = []) =>
    names.filter((name) => !defaultCapabilities.includes(name));
  const bad = containersWhere(spec, (one) => added(one.securityContext?.capabilities?.add).length > 0);
  if (bad.length === 0) return undefined;
  const all = allContainers(spec).flatMap((one) => added(one.securityContext?.capabilities?.add));
  const detail = `${containerList(bad)} must not include ${quoted(sortedSet(all))} in securityContext.capabilities.add`;
  return { reason: "non-default capabilities", detail };
}

function hostNamespaces({ hostNetwork, hostPID, hostIPC }: V1PodSpec): Violation | undefined {
  const shared = [
    ...(hostNetwork ? ["hostNetwork=true"] : []),
    ...(hostPID ? ["hostPID=true"] : []),
    ...(hostIPC ? ["hostIPC=true"] : []),
  ];
  return shared.length === 0 ? undefined : { reason: "host namespaces", detail: shared.join(", ") };
}

function hostPathVolumes({ volumes = [] }: V1PodSpec): Violation | undefined {
  const names = volumes.filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return { reason: "hostPath volumes", detail: `${plural("volume", names.length)} ${quoted(names)}` };
}

function hostPorts(spec: V1PodSpec): Violation | undefined {
  const bad = containersWhere(spec, ({ ports = [] }) => ports.some(({ hostPort }) => hostPort));
  if (bad.length === 0) return undefined;
  const all = allContainers(spec).flatMap(({ ports = [] }) => ports.map(({ hostPort = 0 }) => hostPort));
  const ports = sortedSet(all.filter((port) => port !== 0).map(String));
  const uses = bad.length === 1 ? "uses" : "use";
  const detail = `${containerList(bad)} ${uses} ${plural("hostPort", ports.length)} ${ports.join(", ")}`;
  return { reason: "hostPort", detail };
}

function probeHosts(spec: V1PodSpec): Violation | undefined {
  const hostsOf = (handler: V1Probe | V1LifecycleHandler | undefined): readonly string[] =>
    [handler?.httpGet?.host, handler?.tcpSocket?.host].flatMap((host) => (host ? [host] : []));
  const found = allContainers(spec).map((one) => ({
    name: one.name,
    hosts: [
      one.livenessProbe,
      one.readinessProbe,
      one.startupProbe,
      one.lifecycle?.postStart,
      one.lifecycle?.preStop,
    ].flatMap(hostsOf),
  }));
  const bad = sortedSet(found.filter(({ hosts }) => hosts.length > 0).map(({ name }) => name));
  if (bad.length === 0) return undefined;
  const hosts = sortedSet(found.flatMap((one) => one.hosts));
  const uses = bad.length === 1 ? "uses" : "use";
  const reason = "probe or lifecycle host";
  return { reason, detail: `${containerList(bad)} ${uses} ${plural(reason, hosts.length)} ${quoted(hosts)}` };
}

function privileged(spec: V1PodSpec): Violation | undefined {
  const bad = containersWhere(spec, ({ securityContext }) => securityContext?.privileged === true);
  if (bad.length === 0) return undefined;
  const detail = `${containerList(bad)} must not set securityContext.privileged=true`;
  return { reason: "privileged", detail };
}

/** Also the restricted level's, which knows no exception. */
export function procMount(spec: V1PodSpec): Violation | undefined {
  const typeOf = (one: { readonly securityContext?: { readonly procMount?: string } }) =>
    one.securityContext?.procMount ?? "Default";
  const bad = containersWhere(spec, (one) => typeOf(one) !== "Default");
  if (bad.length === 0) return undefined;
  const types = sortedSet(
    allContainers(spec)
      .map(typeOf)
      .filter((type) => type !== "Default"),
  );
  const detail = `${containerList(bad)} must not set securityContext.procMount to ${quoted(types)}`;
  return { reason: "procMount", detail };
}

function forbiddenSysctls(spec: V1PodSpec, minor: number): Violation | undefined {
  const allowed = sysctls.filter(({ since }) => since <= minor).flatMap(({ names }) => names);
  const given = spec.securityContext?.sysctls ?? [];
  const bad = given.map(({ name }) => name).filter((name) => !allowed.includes(name));
  return bad.length === 0 ? undefined : { reason: "forbidden sysctls", detail: bad.join(", ") };
}

function windowsHostProcess(spec: V1PodSpec): Violation | undefined {
  const isPod = spec.securityContext?.windowsOptions?.hostProcess === true;
  const bad = containersWhere(
    spec,
    ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true,
  );
  if (!isPod && bad.length === 0) return undefined;
  const detail = `${setters(isPod, bad)} must not set securityContext.windowsOptions.hostProcess=true`;
  return { reason: "hostProcess", detail };
}
