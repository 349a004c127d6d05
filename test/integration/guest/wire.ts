import { readFileSync } from "node:fs";

const header = readFileSync(new URL("../../../host-images/init/wire.h", import.meta.url), "utf8");

/** The numbers of PID 1's own header, by their names there. */
export const wireNumbers: ReadonlyMap<string, number> = new Map(
  [...header.matchAll(/\b([A-Z][A-Z0-9_]*) = (0x[0-9a-f]+|\d+)\b/g)].map(([, name, value]) => [
    name ?? "",
    Number(value),
  ]),
);

/** A number of PID 1's header. Throws for a name that is not there. */
export function wire(name: string): number {
  const value = wireNumbers.get(name);
  if (value === undefined) throw new Error(`wire.h has no ${name}`);
  return value;
}
