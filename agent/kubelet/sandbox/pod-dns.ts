import { readFileSync } from "node:fs";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { PodSandboxConfig } from "../../runtime/runtime.ts";

type Dns = PodSandboxConfig["dns"];

const hostFiles = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

/**
 * The Pod's resolver settings. As long as there is no cluster DNS, `ClusterFirst` is `Default`: the host's own
 * settings. `dnsConfig` is added to either, and alone counts with `None`.
 */
export function podDns(pod: V1Pod, host: Dns): Dns {
  const base = pod.spec?.dnsPolicy === "None" ? { servers: [], searches: [], options: [] } : host;
  const { nameservers = [], searches = [], options = [] } = pod.spec?.dnsConfig ?? {};
  const own = options.map(({ name = "", value }) => (value === undefined ? name : `${name}:${value}`));
  const ownNames = new Set(options.map(({ name }) => name));
  return {
    servers: unique([...base.servers, ...nameservers]),
    searches: unique([...base.searches, ...searches]),
    options: [...base.options.filter((option) => !ownNames.has(option.split(":")[0])), ...own],
  };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** Reads a resolv.conf (resolv.conf(5)); the last `search` line counts. */
export function parseResolvConf(text: string): Dns {
  const servers: string[] = [];
  const options: string[] = [];
  let searches: string[] = [];
  for (const line of text.split("\n")) {
    const [word, ...values] = line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/);
    if (word === "nameserver" && values[0]) servers.push(values[0]);
    else if (word === "search" || word === "domain") searches = values.filter((value) => value !== ".");
    else if (word === "options") options.push(...values);
  }
  return { servers, searches, options };
}

/** The host's settings. A resolver on the host's loopback is out of a guest's reach: systemd's list of real ones is used. */
export function hostDns(): Dns {
  for (const file of hostFiles) {
    const dns = readResolvConf(file);
    if (dns && !dns.servers.some((server) => server.startsWith("127.") || server === "::1")) return dns;
  }
  return { servers: [], searches: [], options: [] };
}

function readResolvConf(file: string): Dns | undefined {
  try {
    return parseResolvConf(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
