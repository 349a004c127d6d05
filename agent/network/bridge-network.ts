import { join } from "node:path";
import { formatAddress, type Ipv4Range, parseCidr } from "../../supervisor/base/ipv4-network.ts";
import type { Logger } from "../../supervisor/base/logging.ts";
import { SerialQueue } from "../../supervisor/base/serial-queue.ts";
import type { SandboxNetwork } from "../runtime/runtime.ts";
import { AddressPool } from "./address-pool.ts";
import { firewallRules, type Port, portRule } from "./firewall.ts";
import type { HostPort } from "./host-port.ts";
import { HostPortRecords } from "./host-port-records.ts";
import {
  findConflictingRoute,
  findForwardDrop,
  hostMtu,
  type Link,
  listLinks,
  listRoutes,
} from "./host-state.ts";
import type { HostTools } from "./host-tools.ts";
import { macAddress } from "./mac-address.ts";
import { type NetworkNames, networkNames } from "./network-names.ts";
import { NetworkError, type PodNetwork } from "./pod-network.ts";
import { removeLinks } from "./remove-links.ts";

export interface BridgeNetworkOptions {
  /** The range of this node's Pods, `10.42.0.0/24`. */
  readonly podCidr: string;
  /** The Node's. */
  readonly hostAddress: string;
  readonly dataDir: string;
  readonly tools: HostTools;
  readonly logger: Logger;
}

/**
 * The network of one host's Pods: a bridge with the range's first address, a persistent tap for each sandbox, and the
 * kernel's forwarding and masquerading to the outside. All of it outlives the daemon.
 */
export class BridgeNetwork implements PodNetwork {
  readonly #tools: HostTools;
  readonly #names: NetworkNames;
  readonly #range: Ipv4Range;
  readonly #pool: AddressPool;
  readonly #hostPorts: HostPortRecords;
  readonly #mtu: number;
  readonly #isLoopbackNode: boolean;
  /** A rule set as a whole is right only if none that was made later came before it. */
  readonly #rules = new SerialQueue();
  /** The taps that exist. */
  readonly #taps = new Set<string>();

  private constructor(options: BridgeNetworkOptions, names: NetworkNames, range: Ipv4Range, mtu: number) {
    this.#tools = options.tools;
    this.#names = names;
    this.#range = range;
    this.#mtu = mtu;
    this.#isLoopbackNode = isLoopback(options.hostAddress);
    this.#pool = new AddressPool(range, join(options.dataDir, "network", "addresses"));
    this.#hostPorts = new HostPortRecords(join(options.dataDir, "network", "host-ports"));
  }

  /** Makes bridge, forwarding and rules, or finds them. Throws {@link NetworkError}; then nothing was changed. */
  static async open(options: BridgeNetworkOptions): Promise<BridgeNetwork> {
    const range = parseCidr(options.podCidr);
    if (!range || range.prefixLength > 29) {
      throw new NetworkError(
        "invalid",
        `Pod CIDR ${options.podCidr} of this node must be an IPv4 range of at least 8 addresses, such as 10.42.0.0/24`,
      );
    }
    const names = networkNames(options.dataDir);
    const { tools, logger } = options;
    const [routes, links] = await Promise.all([listRoutes(tools), listLinks(tools)]);
    const conflict = findConflictingRoute(routes, range, names.bridge);
    if (conflict) {
      throw new NetworkError(
        "overlap",
        `Pod CIDR ${options.podCidr} of this node overlaps the host's route ${conflict.dst} via ${conflict.dev}: give the supervisor another --cluster-cidr`,
      );
    }
    const network = new BridgeNetwork(options, names, range, hostMtu(routes, links));
    await network.#makeBridge(links.find(({ ifname }) => ifname === names.bridge));
    for (const { ifname } of links) if (ifname.startsWith(names.tapPrefix)) network.#taps.add(ifname);
    await tools.setSysctl("net/ipv4/ip_forward", "1");
    await network.#applyRules();
    const dropping = await findForwardDrop(tools);
    if (dropping) {
      logger.warn("A firewall drops forwarded packets: Pods reach the outside only if it lets them through", {
        chain: dropping,
        bridge: names.bridge,
      });
    }
    logger.info("Network of Pods is ready", { bridge: names.bridge, podCidr: options.podCidr });
    return network;
  }

  plan(key: string): SandboxNetwork {
    return this.#given(this.#port(key, this.#pool.allocate(key)));
  }

  async attach(key: string, hostPorts: readonly HostPort[] = [], spareTap?: string): Promise<SandboxNetwork> {
    const address = this.#pool.allocate(key);
    if (hostPorts.length > 0) this.#hostPorts.set(key, hostPorts);
    const port = this.#port(key, address);
    try {
      await Promise.all([
        spareTap === undefined ? this.#makeTaps([port.tapName]) : this.#renameTap(spareTap, port.tapName),
        hostPorts.length > 0 ? this.#applyRules() : this.#changeRules(portRule("add", this.#names, port)),
      ]);
    } catch (error) {
      await this.detach(key);
      throw error;
    }
    return this.#given(port);
  }

  #given({ hostPorts: _, ...given }: Port): SandboxNetwork {
    return {
      ...given,
      prefixLength: this.#range.prefixLength,
      gateway: formatAddress(this.#pool.gateway),
      mtu: this.#mtu,
    };
  }

  async detach(key: string): Promise<void> {
    const address = this.#pool.addressOf(key);
    if (address === undefined) return;
    const port = this.#port(key, address);
    await this.#removeTaps([port.tapName]);
    this.#pool.release(key);
    if (this.#hostPorts.delete(key)) return this.#applyRules();
    // Adding first makes the removal right whether the port is there or not.
    await this.#changeRules(portRule("add", this.#names, port) + portRule("delete", this.#names, port));
  }

  async reconcile(keys: ReadonlySet<string>): Promise<void> {
    const wanted = new Set([...keys].map((key) => this.#names.tap(key)));
    await this.#removeTaps([...this.#taps].filter((tap) => !wanted.has(tap)));
    for (const key of this.#pool.keys()) if (!keys.has(key)) this.#pool.release(key);
    for (const key of this.#hostPorts.keys()) if (!keys.has(key)) this.#hostPorts.delete(key);
    await this.#makeTaps(this.#pool.keys().map((key) => this.#names.tap(key)));
    await this.#applyRules();
  }

  /** The bridge keeps its hardware address: otherwise it would take that of its latest tap. */
  async #makeBridge(present: Link | undefined): Promise<void> {
    const { bridge } = this.#names;
    const gateway = this.#pool.gateway;
    const [local, mac] = [formatAddress(gateway), macAddress(gateway)];
    const { prefixLength } = this.#range;
    const addresses = present?.addr_info.map((address) => `${address.local}/${address.prefixlen}`).join();
    if (addresses === `${local}/${prefixLength}` && present?.address === mac && present.mtu === this.#mtu)
      return;
    const lines = [
      ...(present ? [] : [`link add name ${bridge} type bridge`]),
      `link set dev ${bridge} addrgenmode none address ${mac} mtu ${this.#mtu} up`,
      `addr flush dev ${bridge}`,
      `addr add ${local}/${prefixLength} dev ${bridge}`,
    ];
    await this.#tools.run("ip", ["-batch", "-"], `${lines.join("\n")}\n`);
  }

  #applyRules(): Promise<void> {
    return this.#rules.run(async () => {
      const ports = this.#ports();
      const hasLoopbackPorts = ports.some(({ hostPorts }) =>
        hostPorts.some(({ hostAddress }) => hostAddress !== undefined && isLoopback(hostAddress)),
      );
      if (this.#isLoopbackNode || hasLoopbackPorts) await this.#routeLoopback();
      const rules = firewallRules(this.#names, this.#range, ports, this.#isLoopbackNode);
      await this.#tools.run("nft", ["-f", "-"], rules);
    });
  }

  /** Lets what the host sends to its 127.0.0.1 go to Pods by the bridge; what guests send there is dropped before. */
  async #routeLoopback(): Promise<void> {
    await this.#tools.setSysctl(`net/ipv4/conf/${this.#names.bridge}/route_localnet`, "1");
  }

  /** Changes the rules; where somebody has flushed them all, they are made anew. */
  async #changeRules(rules: string): Promise<void> {
    try {
      await this.#rules.run(() => this.#tools.run("nft", ["-f", "-"], rules));
    } catch {
      await this.#applyRules();
    }
  }

  async #makeTaps(names: readonly string[]): Promise<void> {
    const missing = names.filter((tap) => !this.#taps.has(tap));
    if (missing.length === 0) return;
    const lines = missing.flatMap((tap) => [`tuntap add dev ${tap} mode tap`, this.#putOnBridge(tap)]);
    for (const tap of missing) this.#taps.add(tap);
    await this.#tools.run("ip", ["-batch", "-"], `${lines.join("\n")}\n`);
  }

  /** A tap that is down can be renamed whoever has it open. */
  async #renameTap(from: string, to: string): Promise<void> {
    await this.#removeTaps([to]);
    this.#taps.add(to);
    const lines = [`link set dev ${from} name ${to}`, this.#putOnBridge(to)];
    await this.#tools.run("ip", ["-batch", "-"], `${lines.join("\n")}\n`);
  }

  /** As a hairpin: where the host filters bridged packets, a Pod would not reach itself by a port of the host. */
  #putOnBridge(tap: string): string {
    const onBridge = `master ${this.#names.bridge} addrgenmode none mtu ${this.#mtu} up`;
    return `link set dev ${tap} ${onBridge}\nlink set dev ${tap} type bridge_slave hairpin on`;
  }

  async #removeTaps(names: readonly string[]): Promise<void> {
    const present = names.filter((tap) => this.#taps.has(tap));
    if (present.length === 0) return;
    await removeLinks(this.#tools, present);
    for (const tap of present) this.#taps.delete(tap);
  }

  #ports(): Port[] {
    return this.#pool.keys().flatMap((key) => {
      const address = this.#pool.addressOf(key);
      return address === undefined ? [] : [this.#port(key, address)];
    });
  }

  #port(key: string, address: number): Port {
    return {
      tapName: this.#names.tap(key),
      macAddress: macAddress(address),
      address: formatAddress(address),
      hostPorts: this.#hostPorts.of(key),
    };
  }
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.");
}
