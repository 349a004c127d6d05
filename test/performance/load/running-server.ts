import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep } from "../../../supervisor/base/signals.ts";
import type { HttpTransportOptions } from "../../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../../supervisor/client/kubeconfig.ts";
import { openConnection } from "./open-connection.ts";

/** A server process of its own, with a data directory that goes with it. */
export interface RunningServer {
  readonly pid: number;
  readonly server: HttpTransportOptions;
  /** From the start of the process to its first answer that it is ready. */
  readonly readyMs: number;
  /** Ends it and starts it again on what it has stored. */
  restart(): Promise<RunningServer>;
  stop(): Promise<void>;
}

export interface ServerPaths {
  readonly dataDir: string;
  readonly kubeconfig: string;
}

const readyDeadlineMs = 30_000;

/** Starts a server by the command for these paths; throws with its output when it does not get ready. */
export async function startServer(
  command: (paths: ServerPaths) => readonly string[],
): Promise<RunningServer> {
  return startIn(mkdtempSync(join(tmpdir(), "pacific-performance-")), command);
}

async function startIn(
  folder: string,
  command: (paths: ServerPaths) => readonly string[],
): Promise<RunningServer> {
  const paths = { dataDir: join(folder, "data"), kubeconfig: join(folder, "kubeconfig.yaml") };
  const start = performance.now();
  const child = Bun.spawn([...command(paths)], { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const end = async (): Promise<void> => {
    child.kill("SIGTERM");
    await child.exited;
  };
  const stop = async (): Promise<void> => {
    await end();
    rmSync(folder, { recursive: true });
  };
  const restart = async (): Promise<RunningServer> => {
    await end();
    rmSync(paths.kubeconfig, { force: true });
    return startIn(folder, command);
  };
  try {
    const server = await whenReady(paths.kubeconfig, start, () => child.exitCode !== null);
    return { pid: child.pid, server, readyMs: performance.now() - start, restart, stop };
  } catch (error) {
    child.kill("SIGTERM");
    const output = await new Response(child.stderr).text();
    rmSync(folder, { recursive: true });
    throw new Error(`${child.pid} did not get ready: ${String(error)}\n${output}`, { cause: error });
  }
}

async function whenReady(
  kubeconfig: string,
  startMs: number,
  isOver: () => boolean,
): Promise<HttpTransportOptions> {
  let last: unknown = `it has not written ${kubeconfig}`;
  while (performance.now() - startMs < readyDeadlineMs && !isOver()) {
    if (existsSync(kubeconfig)) {
      try {
        const { transport: server } = await loadKubeconfig(kubeconfig);
        const connection = await openConnection({ server, client: "socket" });
        const { status } = await connection.request({ method: "GET", path: "/readyz" });
        connection.close();
        if (status === 200) return server;
        last = `/readyz is answered with ${status}`;
      } catch (error) {
        last = error;
      }
    }
    await sleep(5);
  }
  throw new Error(isOver() ? "it has ended" : String(last));
}

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
