import { formatAddress, type Ipv4Range } from "../../supervisor/base/ipv4-network.ts";
import type { HostPort } from "./host-port.ts";
import type { NetworkNames } from "./network-names.ts";

/** A Pod's place on the bridge. */
export interface Port {
  readonly tapName: string;
  readonly macAddress: string;
  readonly address: string;
  /** Ports of the host that lead to it. */
  readonly hostPorts: readonly HostPort[];
}

/**
 * The whole rule set of one instance, for one atomic `nft -f`: what leaves the Pods' range is masqueraded, ports of the
 * host lead to Pods that have them, and a guest speaks with its own hardware and IP address only, in IPv4 and ARP. What
 * a Pod sends to another, or to itself, by the host's address is masqueraded too: the answer would otherwise go past the host.
 * The host's own 127.0.0.1 leads to a Pod where that is the Node's address, or the port's; guests never reach it.
 */
export function firewallRules(
  names: NetworkNames,
  range: Ipv4Range,
  ports: readonly Port[],
  isLoopbackNode: boolean,
): string {
  const { table, bridge, tapPrefix } = names;
  const cidr = `${formatAddress(range.first)}/${range.prefixLength}`;
  return `${removeFirewallRules(names)}
table inet ${table} {
  map host_ports {
    type inet_proto . inet_service : ipv4_addr . inet_service
    ${elementsOf(hostPortElements(ports, ({ hostAddress }) => hostAddress === undefined))}
  }
  map address_ports {
    type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
    ${elementsOf(hostPortElements(ports, ({ hostAddress }) => hostAddress !== undefined))}
  }
  chain from_outside {
    type nat hook prerouting priority dstnat; policy accept;
    ip daddr != 127.0.0.0/8 fib daddr type local jump to_pods
  }
  chain from_host {
    type nat hook output priority -100; policy accept;
    ip daddr 127.0.0.0/8 dnat ip to ip daddr . meta l4proto . th dport map @address_ports
    ${isLoopbackNode ? "" : "ip daddr != 127.0.0.0/8 "}fib daddr type local jump to_pods
  }
  chain to_pods {
    dnat ip to ip daddr . meta l4proto . th dport map @address_ports
    dnat ip to meta l4proto . th dport map @host_ports
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "${bridge}" accept
    oifname "${bridge}" accept
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${cidr} ip daddr != ${cidr} oifname != "${bridge}" masquerade
    ip saddr { ${cidr}, 127.0.0.0/8 } oifname "${bridge}" ct status dnat masquerade
  }
}
table bridge ${table} {
  set ports {
    type ifname . ether_addr . ipv4_addr
    ${elementsOf(ports.map(element))}
  }
  chain prerouting {
    type filter hook prerouting priority -300; policy accept;
    iifname "${tapPrefix}*" ether type ip iifname . ether saddr . ip saddr != @ports drop
    iifname "${tapPrefix}*" ether type arp iifname . ether saddr . arp saddr ip != @ports drop
    iifname "${tapPrefix}*" ether type != { ip, arp } drop
    iifname "${tapPrefix}*" ether type ip ip daddr 127.0.0.0/8 counter drop
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

function elementsOf(elements: readonly string[]): string {
  return elements.length > 0 ? `elements = { ${elements.join(", ")} }` : "";
}

/** One element for each port of the host: of two Pods that want the same one, the first has it. */
function hostPortElements(ports: readonly Port[], isMeant: (port: HostPort) => boolean): string[] {
  const targets = new Map<string, string>();
  for (const { address, hostPorts } of ports) {
    for (const { hostAddress, protocol, hostPort, containerPort } of hostPorts.filter(isMeant)) {
      const key = [...(hostAddress === undefined ? [] : [hostAddress]), protocol, hostPort].join(" . ");
      if (!targets.has(key)) targets.set(key, `${address} . ${containerPort}`);
    }
  }
  return [...targets].map(([key, target]) => `${key} : ${target}`);
}

function element({ tapName, macAddress, address }: Port): string {
  return `"${tapName}" . ${macAddress} . ${address}`;
}
