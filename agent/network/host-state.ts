import { type Ipv4Range, overlap, parseCidr } from "../../supervisor/base/ipv4-network.ts";
import type { HostTools } from "./host-tools.ts";

/** The parts of `ip -j` output that are used; the program's own names. */
export interface Link {
  readonly ifname: string;
  readonly mtu: number;
  readonly address?: string;
  readonly addr_info: ReadonlyArray<{
    readonly family: string;
    readonly local: string;
    readonly prefixlen: number;
  }>;
}

export interface Route {
  readonly dst: string;
  readonly dev?: string;
}

const defaultMtu = 1500;

export async function listLinks(tools: HostTools): Promise<Link[]> {
  // The shape is that of iproute2's JSON output, stable since 4.14.
  return JSON.parse((await tools.run("ip", ["-j", "addr", "show"])) || "[]") as Link[];
}

export async function listRoutes(tools: HostTools): Promise<Route[]> {
  // As above.
  return JSON.parse((await tools.run("ip", ["-j", "-4", "route", "show"])) || "[]") as Route[];
}

/** A route of the host, not of our own bridge, that leads somewhere within the range. */
export function findConflictingRoute(
  routes: readonly Route[],
  range: Ipv4Range,
  bridge: string,
): Route | undefined {
  return routes.find(({ dst, dev }) => {
    const destination = dst === "default" ? undefined : parseCidr(dst);
    return dev !== bridge && destination !== undefined && overlap(destination, range);
  });
}

/** The MTU of the link that leads outside. */
export function hostMtu(routes: readonly Route[], links: readonly Link[]): number {
  const device = routes.find(({ dst }) => dst === "default")?.dev;
  return links.find(({ ifname }) => ifname === device)?.mtu ?? defaultMtu;
}

/** A chain of somebody else's (a firewall, Docker) that drops what it does not know, as `family table chain`. */
export async function findForwardDrop(tools: HostTools): Promise<string | undefined> {
  // The shape is that of libnftables-json(5); entries of other kinds have no `chain`.
  const { nftables } = JSON.parse(await tools.run("nft", ["-j", "list", "chains"])) as {
    nftables: Array<{
      chain?: { family: string; table: string; name: string; hook?: string; policy?: string };
    }>;
  };
  const found = nftables.find(({ chain }) => chain?.hook === "forward" && chain.policy === "drop")?.chain;
  return found && `${found.family} ${found.table} ${found.name}`;
}
