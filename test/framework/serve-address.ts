import type { NetworkNamespace } from "./network-namespace.ts";

/** A TCP server on port 8080 of a namespace that answers every connection with its client's address. */
export async function serveAddress(at: NetworkNamespace): Promise<AsyncDisposable> {
  const script = `Bun.listen({ hostname: "0.0.0.0", port: 8080, socket: { open(s) { s.end(s.remoteAddress) }, data() {} } });
    console.log("up")`;
  const child = Bun.spawn(at.command(process.execPath, "-e", script), { stdout: "pipe", stderr: "inherit" });
  await child.stdout.getReader().read();
  return {
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}
