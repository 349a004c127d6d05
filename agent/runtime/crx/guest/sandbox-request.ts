import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { type PodSandboxConfig, RuntimeError, type SandboxNetwork } from "../../runtime.ts";
import { FieldWriter } from "../channel/fields.ts";
import { tag } from "../channel/protocol.ts";
import { hostsFile, resolvConf } from "./guest-files.ts";
import { writeResources } from "./resource-fields.ts";

const entropyBytes = 64;

/** The fields of `CONFIGURE` that give a fresh guest its identity. Throws {@link RuntimeError} `invalid`. */
export function sandboxRequest(config: PodSandboxConfig, nowMs: number): FieldWriter {
  return new FieldWriter()
    .bytes(tag.entropy, randomBytes(entropyBytes))
    .u64(tag.clock, BigInt(nowMs) * 1_000_000n)
    .text(tag.hostname, config.hostname)
    .group(tag.network, config.network && networkGroup(config.network))
    .text(tag.resolvConf, resolvConf(config.dns))
    .text(tag.hosts, hostsFile(config))
    .list(
      tag.sysctl,
      Object.entries(config.sysctls).map(([name, value]) => `${name}=${value}`),
    )
    .group(tag.podResources, config.resources && writeResources(new FieldWriter(), config.resources));
}

function networkGroup(network: SandboxNetwork): FieldWriter {
  return new FieldWriter()
    .bytes(tag.mac, macBytes(network.macAddress))
    .bytes(tag.address, addressBytes(network.address))
    .u32(tag.prefixLength, network.prefixLength)
    .bytes(tag.gateway, addressBytes(network.gateway))
    .u32(tag.mtu, network.mtu);
}

function macBytes(mac: string): Buffer {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac)) {
    throw new RuntimeError("invalid", `MAC address ${mac} is not of the form 02:00:00:00:00:01`);
  }
  return Buffer.from(mac.replaceAll(":", ""), "hex");
}

/** The four bytes of an IPv4 address or the sixteen of an IPv6 one. */
export function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  if (isIP(address) === 6 && !address.includes(".")) return ipv6Bytes(address);
  throw new RuntimeError("invalid", `${address} is not an IP address`);
}

function ipv6Bytes(address: string): Buffer {
  const [head = [], tail = []] = address.split("::").map((part) => part.split(":").filter(Boolean));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  const groups = [...head, ...zeros, ...tail];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}
