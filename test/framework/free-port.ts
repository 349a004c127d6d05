import { readFileSync } from "node:fs";
import { createServer } from "node:net";

const lowest = 20_000;
/** Runs beside this one begin elsewhere. */
let next = process.pid * 7;

/**
 * A port of the loopback for a server that ends and comes back: it is free, and below those that the kernel gives to
 * connections. One of theirs may be somebody's when the server is back, or of a client that meets itself while it asks
 * for the server in vain.
 */
export async function freePort(): Promise<number> {
  const range = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
  const count = Math.max(1, Number.parseInt(range, 10) - lowest);
  for (let tries = 0; tries < count; tries += 1) {
    const port = lowest + (next++ % count);
    if (await isFree(port)) return port;
  }
  throw new Error(`No port from ${lowest} to ${lowest + count - 1} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
