import type { V1Pod } from "../../../supervisor/api/generated/types.ts";

interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** Those that only the Pod itself notices; any Pod may set them (kubelet `SafeSysctlAllowlist`). */
const safe = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
];

/**
 * Why a Pod's sysctls are refused; undefined where they may be set. `allowed` names more than the safe ones, a `*` at
 * the end standing for any rest (kubelet `--allowed-unsafe-sysctls`).
 */
export function sysctlRejection(pod: V1Pod, allowed: readonly string[]): Refusal | undefined {
  const { hostNetwork = false, hostIPC = false, securityContext } = pod.spec ?? {};
  const patterns = [...safe, ...allowed.map(dotted)];
  for (const { name } of securityContext?.sysctls ?? []) {
    const sysctl = dotted(name);
    const space = namespaceOf(sysctl);
    const quoted = JSON.stringify(sysctl);
    if (!patterns.some((pattern) => matches(pattern, sysctl))) return forbidden(`${quoted} not allowlisted`);
    if ((space === "net" && hostNetwork) || (space === "ipc" && hostIPC)) {
      return forbidden(`${quoted} not allowed with host ${space} enabled`);
    }
  }
  return undefined;
}

function forbidden(text: string): Refusal {
  return { reason: "SysctlForbidden", message: `forbidden sysctl: ${text}` };
}

function matches(pattern: string, sysctl: string): boolean {
  return pattern.endsWith("*") ? sysctl.startsWith(pattern.slice(0, -1)) : pattern === sysctl;
}

function namespaceOf(sysctl: string): "net" | "ipc" | undefined {
  if (sysctl.startsWith("net.")) return "net";
  return /^(kernel\.(sem|shm|msg)|fs\.mqueue\.)/.test(sysctl) ? "ipc" : undefined;
}

/** With dots between its parts; where slashes are, dots are parts of names (sysctl(8)). */
function dotted(name: string): string {
  const separator = /[./]/.exec(name)?.[0];
  if (separator !== "/") return name;
  return name.replace(/[./]/g, (one) => (one === "/" ? "." : "/"));
}
