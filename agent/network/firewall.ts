import { formatAddress, type Ipv4Range } from "../../supervisor/base/ipv4-network.ts";
import type { NetworkNames } from "./network-names.ts";

/** A Pod's place on the bridge. */
export interface Port {
  readonly tapName: string;
  readonly macAddress: string;
  readonly address: string;
}

/**
 * The whole rule set of one instance, for one atomic `nft -f`: what leaves the Pods' range is masqueraded, and a guest
 * speaks with its own hardware and IP address only, in IPv4 and ARP.
 */
export function firewallRules(names: NetworkNames, range: Ipv4Range, ports: readonly Port[]): string {
  const { table, bridge, tapPrefix } = names;
  const cidr = `${formatAddress(range.first)}/${range.prefixLength}`;
  const elements = ports.length > 0 ? `elements = { ${ports.map(element).join(", ")} }` : "";
  return `${removeFirewallRules(names)}
table inet ${table} {
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "${bridge}" accept
    oifname "${bridge}" accept
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${cidr} ip daddr != ${cidr} oifname != "${bridge}" masquerade
  }
}
table bridge ${table} {
  set ports {
    type ifname . ether_addr . ipv4_addr
    ${elements}
  }
  chain prerouting {
    type filter hook prerouting priority -300; policy accept;
    iifname "${tapPrefix}*" ether type ip iifname . ether saddr . ip saddr != @ports drop
    iifname "${tapPrefix}*" ether type arp iifname . ether saddr . arp saddr ip != @ports drop
    iifname "${tapPrefix}*" ether type != { ip, arp } drop
  }
}
`;
}

/** Removes both tables, whether they are there or not. */
export function removeFirewallRules({ table }: NetworkNames): string {
  return ["inet", "bridge"]
    .map((family) => `add table ${family} ${table}\ndelete table ${family} ${table}`)
    .join("\n");
}

/** Adds a port to the set, or takes it out. */
export function portRule(verb: "add" | "delete", { table }: NetworkNames, port: Port): string {
  return `${verb} element bridge ${table} ports { ${element(port)} }\n`;
}

function element({ tapName, macAddress, address }: Port): string {
  return `"${tapName}" . ${macAddress} . ${address}`;
}
