/** Where the memory of a machine's QEMU is. */
import { readFileSync } from "node:fs";

/** The parts, in the order in which they are told. */
export const memoryParts = [
  "guest: its share of the template",
  "guest: written since it was cloned",
  "translated code",
  "heap",
  "other memory of its own",
  "program and libraries",
] as const;
type MemoryPart = (typeof memoryParts)[number];

/** A process's proportional share (PSS) in MiB by {@link memoryParts}, from `/proc/PID/smaps`. */
export function memoryOf(pid: number): Map<MemoryPart, number> {
  const used = new Map<MemoryPart, number>(memoryParts.map((part) => [part, 0]));
  const add = (part: MemoryPart, kibibytes: number): void => {
    used.set(part, (used.get(part) ?? 0) + kibibytes / 1024);
  };
  for (const mapping of readFileSync(`/proc/${pid}/smaps`, "utf8").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const [, rights = "", path = ""] = /^\S+ (\S+) \S+ \S+ \d+ *(.*)$/m.exec(mapping) ?? [];
    const of = (name: string): number => Number(new RegExp(`^${name}: +(\\d+)`, "m").exec(mapping)?.[1] ?? 0);
    const pss = of("Pss");
    if (path.startsWith("/memfd:pacific-template")) {
      const written = of("Anonymous");
      add("guest: written since it was cloned", written);
      add("guest: its share of the template", pss - written);
    } else if (path.startsWith("/")) add("program and libraries", pss);
    else if (path === "[heap]") add("heap", pss);
    else if (rights.includes("x")) add("translated code", pss);
    else add("other memory of its own", pss);
  }
  return used;
}
