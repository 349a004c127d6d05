import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { HttpTransportOptions } from "../../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../../supervisor/client/kubeconfig.ts";
import { type ClientKind, clientKinds, type LoadTarget } from "./open-connection.ts";

export const phaseNames = ["create", "get", "list", "watch", "pods", "patch"] as const;
export type PhaseName = (typeof phaseNames)[number];

/** What one run of the load client does, and against which server. */
export interface LoadOptions extends LoadTarget {
  readonly namespace: string;
  readonly phases: readonly PhaseName[];
  readonly concurrencies: readonly number[];
  readonly configMaps: number;
  readonly gets: number;
  readonly pods: number;
  readonly patches: number;
  readonly watchers: number;
  readonly watchedWrites: number;
  readonly watchedWritesPerSecond: number;
  /** Processes whose CPU and memory are told, by name. */
  readonly pids: ReadonlyMap<string, number>;
}

export const loadUsage = `usage: bun test/performance/load-client.ts (--kubeconfig FILE | --server URL --token T --ca FILE)
  [--phases ${phaseNames.join(",")}] [--conc 1,16,64] [--ns bench] [--client socket|https] [--pid NAME=PID]...
  [--cms 5000] [--gets 10000] [--pods 2000] [--patches 2000] [--watchers 100] [--writes 500] [--rate 200]`;

/** Reads the command line. Throws an Error that says what is wrong with it. */
export async function parseLoadOptions(args: readonly string[]): Promise<LoadOptions> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{
        kubeconfig: text,
        server: text,
        token: text,
        ca: text,
        phases: text,
        conc: text,
        ns: text,
        client: text,
      },
      ...{ cms: text, gets: text, pods: text, patches: text, watchers: text, writes: text, rate: text },
      pid: { type: "string", multiple: true },
    },
  });
  return {
    server: await readServer(values),
    client: readClient(values.client ?? "socket"),
    namespace: values.ns ?? "bench",
    phases: (values.phases ?? phaseNames.join(",")).split(",").map(readPhase),
    concurrencies: (values.conc ?? "1,16,64").split(",").map((item) => readCount("conc", item)),
    configMaps: readCount("cms", values.cms ?? "5000"),
    gets: readCount("gets", values.gets ?? "10000"),
    pods: readCount("pods", values.pods ?? "2000"),
    patches: readCount("patches", values.patches ?? "2000"),
    watchers: readCount("watchers", values.watchers ?? "100"),
    watchedWrites: readCount("writes", values.writes ?? "500"),
    watchedWritesPerSecond: readCount("rate", values.rate ?? "200"),
    pids: new Map((values.pid ?? []).map(readPid)),
  };
}

interface ServerArguments {
  readonly kubeconfig?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly ca?: string | undefined;
}

async function readServer(args: ServerArguments): Promise<HttpTransportOptions> {
  const { kubeconfig, server, token, ca } = args;
  if (kubeconfig !== undefined) return (await loadKubeconfig(kubeconfig)).transport;
  if (server === undefined) throw new Error("Neither --kubeconfig nor --server is given");
  return {
    server,
    ...(ca === undefined ? {} : { caPem: readFileSync(ca, "utf8") }),
    ...(token === undefined ? {} : { credentials: { token } }),
  };
}

function readPhase(name: string): PhaseName {
  const phase = phaseNames.find((known) => known === name);
  if (phase === undefined)
    throw new Error(`Phase ${name} is not known, the phases are ${phaseNames.join(", ")}`);
  return phase;
}

function readClient(name: string): ClientKind {
  const kind = clientKinds.find((known) => known === name);
  if (kind === undefined)
    throw new Error(`Client ${name} is not known, the clients are ${clientKinds.join(", ")}`);
  return kind;
}

function readCount(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`Option --${option} is ${text}, expected a count from 1 on`);
  return count;
}

function readPid(text: string): [string, number] {
  const [name = "", pid = ""] = text.split("=");
  return [name, readCount("pid", pid)];
}
