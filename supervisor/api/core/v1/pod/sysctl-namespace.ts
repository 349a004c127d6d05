const ipcNames: ReadonlySet<string> = new Set(["kernel.sem", "kernel.shm_rmid_forced"]);
const ipcPrefixes = ["kernel.shm", "kernel.msg", "fs.mqueue."];

/** With dots between its parts: where a slash comes first, slashes part and dots are parts of names. */
function normalizedSysctl(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  if (first !== "/") return name;
  return name.replace(/[./]/g, (separator) => (separator === "/" ? "." : "/"));
}

/** The namespace that a sysctl belongs to (kubernetes `component-helpers/node/util/sysctl`); undefined for the host's. */
export function sysctlNamespace(name: string): "net" | "ipc" | undefined {
  const normalized = normalizedSysctl(name);
  if (normalized.startsWith("net.")) return "net";
  const isIpc = ipcNames.has(normalized) || ipcPrefixes.some((prefix) => normalized.startsWith(prefix));
  return isIpc ? "ipc" : undefined;
}
