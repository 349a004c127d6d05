import type { V1Container } from "../../../supervisor/api/generated/types.ts";

/** The number of a port that a probe or hook names (`probe.ResolveContainerPort`). Throws for a name nobody has. */
export function containerPort(port: number | string, container: V1Container): number {
  const number = typeof port === "number" ? port : namedPort(port, container);
  if (number > 0 && number < 65_536) return number;
  throw new Error(`invalid port number: ${number}`);
}

function namedPort(name: string, { ports = [] }: V1Container): number {
  const named = ports.find((port) => port.name === name);
  if (named) return named.containerPort;
  if (/^\d+$/.test(name)) return Number(name);
  throw new Error(`couldn't find port: ${name} in container's ports`);
}
