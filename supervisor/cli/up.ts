/**
 * `pacific up` and `pacific down`: both modes on this machine, on loopback, in the background. What was started is
 * recorded in `up.json` under the data folder, so a second `up` finds it and `down` ends nothing else.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { V1Node } from "../api/generated/types.ts";
import { isRunning, killProcess, type ProcessIdentity, processIdentity } from "../base/process-identity.ts";
import { selfCommand } from "../base/self-command.ts";
import { sleep } from "../base/signals.ts";
import { HttpTransport } from "../client/http-transport.ts";
import { loadKubeconfig } from "../client/kubeconfig.ts";
import { createClient } from "../client/rest-client.ts";
import type { KubernetesClient } from "../client/types.ts";

export interface UpOptions {
  /** Holds `supervisor/` and `host/`. */
  readonly dataDir: string;
  /** Loopback address and port of the supervisor. */
  readonly listen: string;
  readonly kubeconfig: string;
  readonly nodeName: string;
  /** Further flags for the host, such as `--network none`. */
  readonly hostFlags: readonly string[];
}

type Mode = "supervisor" | "host";
type Report = (line: string) => void;

const readyTimeoutMs = 120_000;
const stopTimeoutMs = 15_000;

class UpState {
  readonly #path: string;
  readonly #processes: Partial<Record<Mode, ProcessIdentity>>;

  constructor(dataDir: string) {
    this.#path = join(dataDir, "up.json");
    // The file is this class's own writing.
    this.#processes = existsSync(this.#path)
      ? (JSON.parse(readFileSync(this.#path, "utf8")) as Partial<Record<Mode, ProcessIdentity>>)
      : {};
  }

  running(mode: Mode): ProcessIdentity | undefined {
    const identity = this.#processes[mode];
    return identity && isRunning(identity) ? identity : undefined;
  }

  set(mode: Mode, identity: ProcessIdentity | undefined): void {
    if (identity) this.#processes[mode] = identity;
    else delete this.#processes[mode];
    writeFileSync(this.#path, JSON.stringify(this.#processes));
  }

  forget(): void {
    rmSync(this.#path, { force: true });
  }
}

/** Starts what does not run yet and waits until the Node is Ready. Throws with the daemon's last words when one ends. */
export async function up(options: UpOptions, report: Report): Promise<void> {
  mkdirSync(options.dataDir, { recursive: true });
  const state = new UpState(options.dataDir);
  const server = `https://${options.listen}`;
  if (state.running("supervisor") && state.running("host")) {
    report(`Supervisor and host run already on ${server}; nothing was changed`);
    return;
  }
  if (!state.running("supervisor")) {
    report(`Starting the supervisor on ${server}`);
    const log = startDaemon(state, options, "supervisor", [
      "--listen",
      options.listen,
      "--write-kubeconfig",
      options.kubeconfig,
    ]);
    await waitFor("the supervisor is ready", state, "supervisor", log, () =>
      supervisorIsReady(options.kubeconfig),
    );
  }
  if (!state.running("host")) {
    report(`Starting the host ${options.nodeName}`);
    const token = runSelf([
      "token",
      "create",
      "--ttl",
      "1h",
      "--uses",
      "1",
      "--kubeconfig",
      options.kubeconfig,
    ]).trim();
    const flags = [
      "--server",
      server,
      "--token",
      token,
      "--node-name",
      options.nodeName,
      "--node-ip",
      "127.0.0.1",
    ];
    const log = startDaemon(state, options, "host", [...flags, ...options.hostFlags]);
    await waitFor(`node ${options.nodeName} is Ready`, state, "host", log, () => nodeIsReady(options));
  }
  report(`Supervisor and host run; kubeconfig: ${options.kubeconfig}`);
}

/** Ends both daemons, all machines of Pods and their network. Data stay. */
export async function down(dataDir: string, report: Report): Promise<void> {
  const state = new UpState(dataDir);
  if (await stopDaemon(state, "host")) report("Stopped the host");
  const hostDir = join(dataDir, "host");
  if (existsSync(hostDir)) {
    runSelf(["host", "clean", "--data-dir", hostDir]);
    report("Ended the machines of all Pods and their network");
  }
  if (await stopDaemon(state, "supervisor")) report("Stopped the supervisor");
  else report("No supervisor was running");
  state.forget();
}

function startDaemon(state: UpState, options: UpOptions, mode: Mode, flags: readonly string[]): string {
  const dataDir = join(options.dataDir, mode);
  mkdirSync(dataDir, { recursive: true });
  const logPath = join(options.dataDir, `${mode}.log`);
  const log = openSync(logPath, "a");
  const child = Bun.spawn([...selfCommand(), mode, "--data-dir", dataDir, ...flags], {
    stdin: "ignore",
    stdout: log,
    stderr: log,
    detached: true,
  });
  closeSync(log);
  child.unref();
  const identity = processIdentity(child.pid);
  if (!identity) throw new Error(`The ${mode} ended at once: ${lastLines(logPath)}`);
  state.set(mode, identity);
  return logPath;
}

async function waitFor(
  what: string,
  state: UpState,
  mode: Mode,
  log: string,
  check: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  while (!(await check())) {
    if (!state.running(mode))
      throw new Error(`The ${mode} ended before ${what}. Its log ${log} ends with:\n${lastLines(log)}`);
    if (Date.now() > deadline) {
      throw new Error(
        `Waited ${readyTimeoutMs / 1000} s in vain until ${what}. The log ${log} ends with:\n${lastLines(log)}`,
      );
    }
    await sleep(50);
  }
}

async function connect(kubeconfig: string): Promise<KubernetesClient> {
  return createClient(new HttpTransport((await loadKubeconfig(kubeconfig)).transport));
}

async function supervisorIsReady(kubeconfig: string): Promise<boolean> {
  if (!existsSync(kubeconfig)) return false;
  const client = await connect(kubeconfig);
  const answer = await client.transport.fetch("/readyz").catch(() => undefined);
  return answer?.ok ?? false;
}

async function nodeIsReady(options: UpOptions): Promise<boolean> {
  const client = await connect(options.kubeconfig);
  const nodes = client.resource<V1Node>({
    group: "",
    version: "v1",
    resource: "nodes",
  });
  const node = await nodes.get(options.nodeName).catch(() => undefined);
  return node?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

async function stopDaemon(state: UpState, mode: Mode): Promise<boolean> {
  const identity = state.running(mode);
  if (!identity) return false;
  process.kill(identity.pid, "SIGTERM");
  const deadline = Date.now() + stopTimeoutMs;
  while (isRunning(identity) && Date.now() < deadline) await sleep(50);
  await killProcess(identity);
  state.set(mode, undefined);
  return true;
}

function runSelf(args: readonly string[]): string {
  const run = Bun.spawnSync([...selfCommand(), ...args], { stdin: "ignore" });
  if (run.exitCode !== 0)
    throw new Error(run.stderr.toString().trim() || `pacific ${args[0]} failed with ${run.exitCode}`);
  return run.stdout.toString();
}

function lastLines(path: string): string {
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-8).join("\n");
}
