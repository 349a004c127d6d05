import { expect, test } from "bun:test";
import { parseResolvConf, podDns } from "./pod-dns.ts";

const host = parseResolvConf(
  "# made by hand\nnameserver 192.0.2.53\nsearch a.test b.test .\noptions ndots:2 rotate ; x\n",
);

test("parseResolvConf reads servers, searches and options", () => {
  expect(host).toEqual({
    servers: ["192.0.2.53"],
    searches: ["a.test", "b.test"],
    options: ["ndots:2", "rotate"],
  });
});

test("podDns adds dnsConfig to the host's settings", () => {
  const dnsConfig = {
    nameservers: ["192.0.2.53", "192.0.2.54"],
    searches: ["c.test"],
    options: [{ name: "ndots", value: "5" }, { name: "edns0" }],
  };
  expect(podDns({ spec: { containers: [], dnsPolicy: "ClusterFirst", dnsConfig } }, host)).toEqual({
    servers: ["192.0.2.53", "192.0.2.54"],
    searches: ["a.test", "b.test", "c.test"],
    options: ["rotate", "ndots:5", "edns0"],
  });
});

test("podDns takes dnsConfig alone with the policy None", () => {
  const dnsConfig = { nameservers: ["192.0.2.1"] };
  expect(podDns({ spec: { containers: [], dnsPolicy: "None", dnsConfig } }, host)).toEqual({
    servers: ["192.0.2.1"],
    searches: [],
    options: [],
  });
});
