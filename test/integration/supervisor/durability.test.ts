/** What a supervisor has acknowledged over TLS is on the disk, and stays when the supervisor is killed. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpTransport, type HttpTransportOptions } from "../../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../../supervisor/client/kubeconfig.ts";
import { waitUntil } from "../../framework/wait-until.ts";
import { OneConnection } from "./one-connection.ts";
import { readServerTrace, type ServerCall, straceFlags } from "./server-trace.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const strace = Bun.which("strace");
const canTrace = strace !== null && Bun.spawnSync([strace, "-o", "/dev/null", "true"]).exitCode === 0;
const reason = canTrace ? "" : " (skipped: strace is absent or may not trace)";
/** More than any message of a handshake has. */
const bodyBytes = 9000;
const configMaps = "/api/v1/namespaces/default/configmaps";

let folder = "";
let child: Bun.Subprocess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pacific-durability-"));
});

afterEach(async () => {
  child?.kill("SIGKILL");
  await child?.exited;
  rmSync(folder, { recursive: true });
});

/** Starts a supervisor in a process of its own and waits until it answers. */
async function start(under: readonly string[] = []): Promise<HttpTransportOptions> {
  const main = new URL("../../../main.ts", import.meta.url).pathname;
  const kubeconfig = join(folder, "kubeconfig.yaml");
  rmSync(kubeconfig, { force: true });
  const flags = ["--data-dir", join(folder, "data"), "--listen", "127.0.0.1:0", "--log-level", "error"];
  child = Bun.spawn(
    [
      ...[...under, process.execPath, main, "supervisor", ...flags],
      ...["--write-kubeconfig", kubeconfig, "--disable", "scheduler,controllers"],
    ],
    { stdin: "ignore" },
  );
  const ready = async (): Promise<HttpTransportOptions | undefined> => {
    if (!existsSync(kubeconfig)) return undefined;
    const { transport } = await loadKubeconfig(kubeconfig);
    const answer = await new HttpTransport(transport).fetch("/readyz").catch(() => undefined);
    return answer?.ok ? transport : undefined;
  };
  return await waitUntil(ready, 60_000);
}

async function kill(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  child?.kill(signal);
  await child?.exited;
}

interface Traced {
  readonly clientPort: number;
  /** What each request of the connection writes, in their order. No other request has it. */
  readonly markers: readonly string[];
}

/** Creates ConfigMaps on one connection, one after another; the first request is none of them. */
async function createTraced(server: HttpTransportOptions, name: string, count: number): Promise<Traced> {
  const connection = await OneConnection.open(server);
  expect(await connection.request("GET", "/version")).toStartWith("HTTP/1.1 200 ");
  const markers = Array.from({ length: count }, (_, index) => `${name}-${1000 + index}-marker`);
  for (const marker of markers) {
    // White space after the object is no part of it.
    const body = JSON.stringify({ metadata: { name: marker } }).padEnd(bodyBytes);
    expect(await connection.request("POST", configMaps, body)).toStartWith("HTTP/1.1 201 ");
  }
  connection.close();
  return { clientPort: connection.port, markers };
}

/** The lines of the trace at which each marker was first in what a sync that returned had covered. */
function syncedLines(calls: readonly ServerCall[], markers: readonly string[]): Map<string, number> {
  const lines = new Map<string, number>();
  let written = "";
  for (const call of calls) {
    if (call.kind === "log write") written += call.text;
    if (call.kind !== "log sync") continue;
    for (const marker of markers) {
      if (!lines.has(marker) && written.includes(marker)) lines.set(marker, call.line);
    }
    written = "";
  }
  return lines;
}

interface Exchange {
  /** The trace's lines at which the server had the first of the request and sent the first of the answer. */
  readonly asked: number;
  readonly sent: number;
  readonly receivedBytes: number;
}

/**
 * What went to and fro on one connection.
 *
 * TLS hides what is sent, but not when. A client that has one request at a time on its connection, and waits for the
 * whole answer, sends a request only after the answer to the one before; and a server sends nothing unasked once the
 * handshake is over. So whatever the server sends after it had a request and before the next one is the answer, and
 * the first of it the answer's beginning. The writes are told from the handshake and the rest by their size.
 */
function exchanges(calls: readonly ServerCall[], clientPort: number): Exchange[] {
  const found: Exchange[] = [];
  let asked: number | undefined;
  let receivedBytes = 0;
  for (const call of calls) {
    if (!("clientPort" in call) || call.clientPort !== clientPort) continue;
    if (call.kind === "received") {
      asked ??= call.line;
      receivedBytes += Number(/ = (\d+)$/.exec(call.text)?.[1]);
    } else if (asked !== undefined) {
      found.push({ asked, sent: call.line, receivedBytes });
      asked = undefined;
      receivedBytes = 0;
    }
  }
  return found;
}

test.skipIf(!canTrace)(
  `no answer to a write leaves before the sync that covers it has returned${reason}`,
  async () => {
    const trace = join(folder, "trace");
    const server = await start([strace ?? "", ...straceFlags, "-o", trace]);
    const alone = await createTraced(server, "alone", 20);
    const names = Array.from({ length: 16 }, (_, index) => `many${10 + index}`);
    const together = await Promise.all(names.map((name) => createTraced(server, name, 20)));
    const ended = new RegExp(`^${child?.pid} +\\+{3} (exited|killed)`, "m");
    await kill("SIGTERM");
    // The tracer is a process of its own, and ends after what it traces.
    await waitUntil(() => ended.test(readFileSync(trace, "latin1")), 30_000);

    const calls = readServerTrace(trace);
    const connections = [alone, ...together];
    const synced = syncedLines(
      calls,
      connections.flatMap(({ markers }) => markers),
    );
    for (const { clientPort, markers } of connections) {
      const writes = exchanges(calls, clientPort).filter(({ receivedBytes }) => receivedBytes > bodyBytes);
      expect(writes).toHaveLength(markers.length);
      for (const [index, { asked, sent }] of writes.entries()) {
        const sync = synced.get(markers[index] ?? "") ?? Infinity;
        expect({ marker: markers[index], afterAsking: sync > asked, beforeAnswer: sync < sent }).toEqual({
          marker: markers[index],
          afterAsking: true,
          beforeAnswer: true,
        });
      }
    }
    const syncs = calls.filter(({ kind }) => kind === "log sync").length;
    expect(syncs).toBeLessThan(connections.length * 20);
  },
);

test("kill -9 during 1,000 acknowledged writes loses none, and no resourceVersion goes back", async () => {
  let server = await start();
  const acknowledged = new Map<string, number>();
  const over = new AbortController();
  let highest = 0;

  /** Sees a resource version that was answered to a request sent when `before` was the highest seen. */
  const see = (version: number, before: number): void => {
    if (version < before) throw new Error(`Resource version ${version} came after ${before}`);
    highest = Math.max(highest, version);
  };
  /** Works on one connection after another, as the supervisor goes and comes. */
  const keepAsking = async (ask: (connection: OneConnection) => Promise<void>): Promise<void> => {
    while (!over.signal.aborted) {
      const connection = await OneConnection.open(server).catch(() => undefined);
      try {
        while (connection !== undefined && !over.signal.aborted) await ask(connection);
      } catch (error) {
        if (error instanceof Error && error.message.startsWith("Resource version")) throw error;
      } finally {
        connection?.close();
      }
      await Bun.sleep(20); // refused connections while the supervisor is away must not spin
    }
  };
  let next = 0;
  const create = async (connection: OneConnection): Promise<void> => {
    const name = `write-${next++}`;
    const before = highest;
    const answer = await connection.request("POST", configMaps, JSON.stringify({ metadata: { name } }));
    if (!answer.startsWith("HTTP/1.1 201 ")) throw new Error(answer);
    const version = Number(/"resourceVersion":"(\d+)"/.exec(answer)?.[1]);
    see(version, before + 1);
    acknowledged.set(name, version);
    if (acknowledged.size >= 1000) over.abort();
  };
  const read = async (connection: OneConnection): Promise<void> => {
    const before = highest;
    const answer = await connection.request("GET", `${configMaps}?limit=1`);
    see(Number(/"resourceVersion":"(\d+)"/.exec(answer)?.[1]), before);
  };
  const clients = Promise.all([...Array.from({ length: 16 }, () => keepAsking(create)), keepAsking(read)]);
  for (const mark of [150, 400, 800]) {
    await waitUntil(async () => acknowledged.size >= mark, 60_000);
    await kill("SIGKILL");
    server = await start();
  }
  await clients;

  const answer = await new HttpTransport(server).fetch(configMaps);
  // The API's list of ConfigMaps.
  const list = (await answer.json()) as {
    metadata: { resourceVersion: string };
    items: { metadata: { name: string; resourceVersion: string } }[];
  };
  const kept = new Map(
    list.items.map(({ metadata }) => [metadata.name, Number(metadata.resourceVersion)] as const),
  );
  for (const [name, version] of acknowledged) {
    expect({ name, version: kept.get(name) }).toEqual({ name, version });
  }
  expect(new Set(kept.values()).size).toBe(kept.size);
  expect(Number(list.metadata.resourceVersion)).toBeGreaterThanOrEqual(highest);
});
