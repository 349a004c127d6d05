/** Ports that are named twice (kubernetes `pkg/api/pod/warnings.go`). */
import type { V1ContainerPort, V1PodSpec } from "../../generated/types.ts";
import { eachContainer } from "./pod/each-container.ts";

interface PlacedPort {
  readonly port: V1ContainerPort;
  readonly path: string;
}

function isEveryAddress(ip: string | undefined): boolean {
  return !ip || ip === "0.0.0.0" || ip === "::";
}

/** How a port meets one before it; undefined where both can be. */
function overlap(port: V1ContainerPort, other: V1ContainerPort): string | undefined {
  const hostPort = port.hostPort ?? 0;
  const otherPort = other.hostPort ?? 0;
  if ((port.hostIP ?? "") === (other.hostIP ?? "") && hostPort === otherPort) return "duplicate";
  if (hostPort === 0 || otherPort === 0) return "overlapping";
  const meets = isEveryAddress(port.hostIP) || isEveryAddress(other.hostIP);
  return hostPort === otherPort && meets ? "dangerously ambiguous" : undefined;
}

export function portWarnings(spec: V1PodSpec, path: string): string[] {
  const warnings: string[] = [];
  const known = new Map<string, PlacedPort[]>();
  eachContainer(spec, path, ({ ports }, at) => {
    ports?.forEach((port, index) => {
      const place = `${at}.ports[${index}]`;
      if (port.hostIP && !port.hostPort) {
        const shown = `{Name:${port.name ?? ""} HostPort:0 ContainerPort:${port.containerPort} Protocol:${port.protocol ?? ""} HostIP:${port.hostIP}}`;
        warnings.push(`${place}: hostIP set without hostPort: ${shown}`);
      }
      const key = `${port.containerPort}/${port.protocol ?? ""}`;
      const others = known.get(key) ?? [];
      for (const other of others) {
        const how = overlap(port, other.port);
        if (how !== undefined) warnings.push(`${place}: ${how} port definition with ${other.path}`);
      }
      known.set(key, [...others, { port, path: place }]);
    });
  });
  return warnings;
}
