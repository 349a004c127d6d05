/** Figures of the kernel, read from the texts of proc(5). What a kernel does not tell is 0. */
import type { InterfaceStats } from "./summary.ts";

/** `/proc/stat` counts in hundredths of a second, whatever the kernel's own clock (USER_HZ). */
const nanosecondsPerTick = 10_000_000;

/** The time that all processors together worked, from `/proc/stat`. Guests' time is within their users' already. */
export function cpuNanoseconds(stat: string): number {
  const line = /^cpu +(.+)$/m.exec(stat)?.[1] ?? "";
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0] = line.split(" ").map(Number);
  return (user + nice + system + interrupts + soft) * nanosecondsPerTick;
}

/** When the box was started, from `/proc/stat`, in milliseconds since 1970. */
export function bootTimeMs(stat: string): number {
  return Number(/^btime (\d+)$/m.exec(stat)?.[1] ?? 0) * 1000;
}

/** A figure of `/proc/meminfo`, in bytes. */
export function memoryFigure(meminfo: string, name: string): number {
  const prefix = `${name}:`;
  const line = meminfo.split("\n").find((each) => each.startsWith(prefix)) ?? "";
  return Number(/\d+/.exec(line.slice(prefix.length))?.[0] ?? 0) * 1024;
}

/** A figure of `/proc/vmstat`. */
export function eventCount(vmstat: string, name: string): number {
  const line = vmstat.split("\n").find((each) => each.startsWith(`${name} `)) ?? "";
  return Number(line.slice(name.length + 1) || 0);
}

export interface ProcessorTopology {
  readonly socketCount: number;
  readonly coreCount: number;
}

/** From `/proc/cpuinfo`. One that does not tell (arm64's) has a core for each processor, all in one socket. */
export function processorTopology(cpuinfo: string): ProcessorTopology {
  const processors = cpuinfo.split("\n\n").filter((each) => /^processor\s*:/m.test(each));
  const place = (processor: string, name: string): string =>
    new RegExp(`^${name}\\s*: (\\d+)$`, "m").exec(processor)?.[1] ?? "";
  const sockets = processors.map((each) => place(each, "physical id"));
  const cores = processors.map((each, index) => `${sockets[index]}/${place(each, "core id") || `#${index}`}`);
  return { socketCount: new Set(sockets).size, coreCount: new Set(cores).size };
}

/** The threads that there are, from `/proc/loadavg`. */
export function taskCount(loadavg: string): number {
  return Number(/\d+\/(\d+)/.exec(loadavg)?.[1] ?? 0);
}

/** All interfaces but the loopback, from `/proc/net/dev`. */
export function interfaceStats(netDev: string): InterfaceStats[] {
  return netDev.split("\n").flatMap((line) => {
    const [, name = "", figures = ""] = /^\s*([^:\s]+):\s*(.+)$/.exec(line) ?? [];
    if (name === "" || name === "lo") return [];
    const [rxBytes = 0, , rxErrors = 0, , , , , , txBytes = 0, , txErrors = 0] = figures
      .split(/\s+/)
      .map(Number);
    return [{ name, rxBytes, rxErrors, txBytes, txErrors }];
  });
}

/** The interface of the default route, from `/proc/net/route`. */
export function defaultInterface(route: string): string | undefined {
  const columns = route.split("\n").map((line) => line.split("\t"));
  return columns.find(([name, destination]) => name !== "Iface" && destination === "00000000")?.[0];
}
