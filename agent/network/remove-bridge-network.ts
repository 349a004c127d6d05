import { rmSync } from "node:fs";
import { join } from "node:path";
import { removeFirewallRules } from "./firewall.ts";
import { listLinks } from "./host-state.ts";
import type { HostTools } from "./host-tools.ts";
import { networkNames } from "./network-names.ts";
import { removeLinks } from "./remove-links.ts";

/** Removes all that an instance's network is made of: taps, bridge, rules and addresses; nothing where there is none. */
export async function removeBridgeNetwork(dataDir: string, tools: HostTools): Promise<void> {
  const names = networkNames(dataDir);
  const links = (await listLinks(tools)).map(({ ifname }) => ifname);
  const own = links.filter((name) => name === names.bridge || name.startsWith(names.tapPrefix));
  if (own.length > 0) {
    await removeLinks(tools, own);
    await tools.run("nft", ["-f", "-"], removeFirewallRules(names));
  }
  rmSync(join(dataDir, "network"), { recursive: true, force: true });
}
