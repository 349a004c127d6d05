import type { V1Container } from "../../../supervisor/api/generated/types.ts";

/** What every container has in the container world, without `CAP_`. */
const usual = [
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"],
  ...["NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
];
/** Those that let system calls through which the default profile of filters holds back. */
const powerful = [
  ...["BPF", "DAC_READ_SEARCH", "PERFMON", "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_MODULE", "SYS_NICE"],
  ...["SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_TIME", "SYS_TTY_CONFIG"],
];

/** The capabilities that the container gets, as far as they decide which system calls it may make. */
export function containerCapabilities(container: V1Container): Set<string> {
  const { add = [], drop = [] } = container.securityContext?.capabilities ?? {};
  const added = add.map(bareName);
  const dropped = drop.map(bareName);
  const start = dropped.includes("ALL") && !added.includes("ALL") ? [] : usual;
  const all = added.includes("ALL") ? [...usual, ...powerful] : start;
  const without = new Set(dropped);
  return new Set([...all, ...added.filter((name) => name !== "ALL")].filter((name) => !without.has(name)));
}

function bareName(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, "");
}
