import { createSocket } from "node:dgram";
import { networkInterfaces } from "node:os";

/**
 * The address by which this box reaches a server, as the kernel chooses it; no packet is sent. Where the server is on
 * this box itself, the first address that others can reach it by, else the loopback's.
 */
export async function hostAddress(server: string): Promise<string> {
  const { hostname, port } = new URL(server);
  const towards = await localAddress(hostname.replace(/^\[(.*)\]$/, "$1"), Number(port) || 443);
  if (towards && !isLoopback(towards)) return towards;
  return firstAddress() ?? towards ?? "127.0.0.1";
}

function localAddress(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    const finish = (address: string | undefined): void => {
      socket.close();
      resolve(address);
    };
    socket.once("error", () => finish(undefined));
    socket.connect(port, host, () => finish(socket.address().address));
  });
}

/** Bridges of our own and of other container systems are not how others reach the box. */
const virtual = /^(pac-|pacific|docker|br-|virbr|cni|flannel|veth|tap|pt[0-9a-f]{5})/;

function firstAddress(): string | undefined {
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    if (virtual.test(name)) continue;
    const found = addresses.find(({ family, internal }) => family === "IPv4" && !internal);
    if (found) return found.address;
  }
  return undefined;
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}
