import type { PodSandboxConfig } from "../../runtime.ts";

/** `/etc/resolv.conf` as kubelet writes it. */
export function resolvConf(dns: PodSandboxConfig["dns"]): string {
  const lines = [
    ...(dns.searches.length > 0 ? [`search ${dns.searches.join(" ")}`] : []),
    ...dns.servers.map((server) => `nameserver ${server}`),
    ...(dns.options.length > 0 ? [`options ${dns.options.join(" ")}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** `/etc/hosts` as kubelet writes it (`managedHostsFileContent`, `nodeHostsFileContent`). */
export function hostsFile(
  config: Pick<PodSandboxConfig, "hostname" | "hostNames" | "nodeHosts" | "hostAliases" | "network">,
): string {
  const names = config.hostNames ?? [config.hostname];
  const managed = [
    "# Kubernetes-managed hosts file.",
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::0\tip6-localnet",
    "fe00::0\tip6-mcastprefix",
    "fe00::1\tip6-allnodes",
    "fe00::2\tip6-allrouters",
    `${config.network?.address ?? "127.0.0.1"}\t${names.join("\t")}`,
  ];
  const lines =
    config.nodeHosts === undefined
      ? managed
      : [
          "# Kubernetes-managed hosts file (host network).",
          ...config.nodeHosts.replace(/\n$/, "").split("\n"),
        ];
  if (config.hostAliases.length > 0) lines.push("", "# Entries added by HostAliases.");
  for (const { ip, hostnames } of config.hostAliases) lines.push(`${ip}\t${hostnames.join("\t")}`);
  return lines.map((line) => `${line}\n`).join("");
}
