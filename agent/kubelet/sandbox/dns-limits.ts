import type { PodSandboxConfig } from "../../runtime/runtime.ts";

type Dns = PodSandboxConfig["dns"];

/** What resolvers take (kubelet `MaxDNSNameservers`, `MaxDNSSearchPaths`, `MaxDNSSearchListChars`). */
const maxServers = 3;
const maxSearches = 32;
const maxSearchCharacters = 2048;

/** Cuts resolver settings to what resolvers take; `omitted` says so in the kubelet's words. */
export function limitDns(dns: Dns): { readonly dns: Dns; readonly omitted: readonly string[] } {
  const servers = dns.servers.slice(0, maxServers);
  const searches = fittingSearches(dns.searches);
  const omitted: string[] = [];
  if (searches.length < dns.searches.length) {
    omitted.push(
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.join(" ")}`,
    );
  }
  if (servers.length < dns.servers.length) {
    omitted.push(
      `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.join(" ")}`,
    );
  }
  return { dns: { ...dns, servers, searches }, omitted };
}

function fittingSearches(all: readonly string[]): readonly string[] {
  const some = all.slice(0, maxSearches);
  let used = -1;
  const over = some.findIndex((search) => {
    used += search.length + 1;
    return used > maxSearchCharacters;
  });
  return over < 0 ? some : some.slice(0, over);
}
