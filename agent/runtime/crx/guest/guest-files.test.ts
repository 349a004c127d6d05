import { describe, expect, test } from "bun:test";
import { hostsFile, resolvConf } from "./guest-files.ts";

describe("resolvConf", () => {
  test("writes search, nameserver and options lines as kubelet does", () => {
    const dns = { servers: ["10.43.0.10", "1.1.1.1"], searches: ["a.b", "b"], options: ["ndots:5", "edns0"] };
    expect(resolvConf(dns)).toBe(
      "search a.b b\nnameserver 10.43.0.10\nnameserver 1.1.1.1\noptions ndots:5 edns0\n",
    );
  });

  test("leaves out what is empty", () => {
    expect(resolvConf({ servers: [], searches: [], options: [] })).toBe("");
  });
});

describe("hostsFile", () => {
  test("names the Pod by its address and adds the aliases", () => {
    const network = {
      tapName: "t",
      macAddress: "m",
      address: "10.42.0.5",
      prefixLength: 24,
      gateway: "10.42.0.1",
      mtu: 1500,
    };
    const hostAliases = [{ ip: "1.2.3.4", hostnames: ["foo", "bar"] }];
    const text = hostsFile({ hostname: "web-0", network, hostAliases });
    expect(text).toStartWith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n");
    expect(text).toEndWith("10.42.0.5\tweb-0\n\n# Entries added by HostAliases.\n1.2.3.4\tfoo\tbar\n");
  });

  test("names the Pod by loopback when it has no network", () => {
    expect(hostsFile({ hostname: "web-0", hostAliases: [] })).toEndWith("127.0.0.1\tweb-0\n");
  });
});

test("hostsFile has the Pod's whole name first, and the node's lines on its network", () => {
  const inDomain = {
    hostname: "web-0",
    hostNames: ["web-0.sub.ns.svc.cluster.local", "web-0"],
    hostAliases: [],
  };
  expect(hostsFile(inDomain)).toEndWith("127.0.0.1\tweb-0.sub.ns.svc.cluster.local\tweb-0\n");
  const hostAliases = [{ ip: "1.2.3.4", hostnames: ["foo"] }];
  const onNode = hostsFile({ hostname: "box", nodeHosts: "127.0.0.1 localhost\n", hostAliases });
  expect(onNode).toBe(
    "# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n\n# Entries added by HostAliases.\n1.2.3.4\tfoo\n",
  );
});
