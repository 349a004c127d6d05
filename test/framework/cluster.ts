/** A supervisor and hosts from `dist/pacific`, each in a process and folder of its own, for tests from outside. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Subprocess } from "bun";
import { messageOf } from "../../supervisor/base/errors.ts";
import { eventually } from "./eventually.ts";
import { leftoversOf } from "./leftovers.ts";

export const root = join(import.meta.dir, "../..");
export const binary = join(root, "dist/pacific");
/** Nothing that a test runs takes as long; what hangs is killed rather than left behind. */
const commandTimeoutMs = 400_000;
const startTimeoutMs = 180_000;
/** Not what hosts have by themselves: on a machine whose disk is nearly full each Pod of every test would be evicted. */
const evictionFlags = ["--eviction-hard", "memory.available<100Mi"];

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function run(
  command: readonly string[],
  options: { readonly input?: string; readonly env?: Record<string, string> } = {},
): Promise<CommandResult> {
  const child = Bun.spawn([...command], {
    stdin: options.input === undefined ? "ignore" : Buffer.from(options.input),
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, ...options.env },
    timeout: commandTimeoutMs,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  const late = child.signalCode === "SIGKILL" ? `Killed after ${commandTimeoutMs} ms at the latest\n` : "";
  return { code, stdout, stderr: `${stderr}${late}` };
}

/** One daemon: it can be killed and started again on the same folder. */
export class Daemon {
  readonly logPath: string;
  readonly #command: readonly string[];
  #process: Subprocess | undefined;

  /** `before` is what stands before the program, such as `env NAME=VALUE`. */
  constructor(logPath: string, args: readonly string[], before: readonly string[] = []) {
    this.logPath = logPath;
    this.#command = [...before, binary, ...args];
  }

  start(): void {
    const log = openSync(this.logPath, "a");
    this.#process = Bun.spawn([...this.#command], { stdin: "ignore", stdout: log, stderr: log });
    closeSync(log);
  }

  get pid(): number {
    if (!this.#process) throw new Error(`${this.#command.join(" ")} was not started`);
    return this.#process.pid;
  }

  get exitCode(): number | null {
    return this.#process?.exitCode ?? null;
  }

  /** Ends the daemon and waits until it is gone. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    this.#process?.kill(signal);
    await this.#process?.exited;
  }

  /** Waits for what this daemon brings about; the error ends with its log. */
  async until(what: string, check: () => Promise<boolean>): Promise<void> {
    const hasEnded = (): boolean => this.exitCode !== null;
    try {
      await eventually(what, startTimeoutMs, async () => hasEnded() || (await check()));
      if (hasEnded()) throw new Error(`Exit code ${this.exitCode} instead of what was awaited: ${what}`);
    } catch (cause) {
      throw new Error(`${messageOf(cause)}; the log ${this.logPath}:\n${this.log().slice(-8000)}`, { cause });
    }
  }

  log(): string {
    return existsSync(this.logPath) ? readFileSync(this.logPath, "utf8") : "";
  }
}

export interface ClusterOptions {
  /** Flags for the supervisor beside the usual ones. */
  readonly supervisorFlags?: readonly string[];
  readonly hostFlags?: readonly string[];
}

export class Cluster {
  readonly folder = mkdtempSync(join(tmpdir(), "pacific-e2e-"));
  readonly kubeconfig = join(this.folder, "kubeconfig.yaml");
  readonly supervisor: Daemon;
  readonly hosts = new Map<string, Daemon>();
  readonly #options: ClusterOptions;
  readonly port: number;

  constructor(port: number, options: ClusterOptions = {}) {
    if (!existsSync(binary)) throw new Error("dist/pacific is missing: run ./install.sh build");
    this.port = port;
    this.#options = options;
    this.supervisor = new Daemon(join(this.folder, "supervisor.log"), [
      "supervisor",
      ...["--data-dir", join(this.folder, "supervisor"), "--listen", `127.0.0.1:${port}`],
      ...["--write-kubeconfig", this.kubeconfig, ...(options.supervisorFlags ?? [])],
    ]);
  }

  async start(): Promise<void> {
    this.supervisor.start();
    await this.supervisor.until("the supervisor is ready", async () => {
      return existsSync(this.kubeconfig) && (await this.kubectl("get", "--raw", "/readyz")).code === 0;
    });
  }

  hostFolder(name: string): string {
    return join(this.folder, name);
  }

  /** A new join token. */
  async token(...flags: readonly string[]): Promise<string> {
    return (await this.must("token", "create", "--kubeconfig", this.kubeconfig, ...flags)).trim();
  }

  /** Starts a host and waits until its Node is Ready. */
  async addHost(name: string, flags: readonly string[] = []): Promise<Daemon> {
    const token = await this.token();
    const server = `https://127.0.0.1:${this.port}`;
    const host = this.startHost(name, ["--server", server, "--token", token, ...flags]);
    await this.nodeReady(name);
    return host;
  }

  /** Starts a host with these flags beside its folder and its name; `before` as for {@link Daemon}. */
  startHost(name: string, flags: readonly string[], before: readonly string[] = []): Daemon {
    mkdirSync(this.hostFolder(name), { recursive: true });
    const own = ["--data-dir", this.hostFolder(name), "--node-name", name, "--node-ip", "127.0.0.1"];
    const args = ["host", ...own, ...evictionFlags, ...(this.#options.hostFlags ?? []), ...flags];
    const host = new Daemon(join(this.folder, `${name}.log`), args, before);
    this.hosts.set(name, host);
    host.start();
    return host;
  }

  /** Waits until a Node is Ready, of the host of that name unless another one has it. */
  async nodeReady(name: string, host = name): Promise<void> {
    const daemon = this.hosts.get(host);
    if (!daemon) throw new Error(`No host is called ${host}`);
    await daemon.until(`node ${name} is Ready`, async () => {
      const ready = '{.status.conditions[?(@.type=="Ready")].status}';
      return (await this.kubectl("get", "node", name, "-o", `jsonpath=${ready}`)).stdout === "True";
    });
  }

  /** Runs kubectl 1.36 (or the version in `KUBECTL`) against this cluster. */
  kubectl(...args: readonly string[]): Promise<CommandResult> {
    return run([this.kubectlPath(), "--kubeconfig", this.kubeconfig, ...args]);
  }

  kubectlPath(version = "v36"): string {
    return join(root, `dist/test-tools/kubectl-${version}/kubectl`);
  }

  async apply(manifest: object): Promise<void> {
    const input = JSON.stringify(manifest);
    const result = await run([this.kubectlPath(), "--kubeconfig", this.kubeconfig, "apply", "-f", "-"], {
      input,
    });
    if (result.code !== 0) throw new Error(`kubectl apply failed: ${result.stderr}`);
  }

  /** Runs `dist/pacific`; throws when it fails. */
  async must(...args: readonly string[]): Promise<string> {
    const result = await run([binary, ...args]);
    if (result.code !== 0)
      throw new Error(`pacific ${args.join(" ")} failed with ${result.code}: ${result.stderr}`);
    return result.stdout;
  }

  /** Imports an archive into a host's store. */
  async importImage(host: string, archive: string): Promise<void> {
    await this.must("image", "import", archive, "--data-dir", this.hostFolder(host));
  }

  /**
   * Stops a host, ends its Pods' machines and removes its network. Throws where a machine, an interface, a table of
   * rules, a mount or a socket is left.
   */
  async removeHost(name: string): Promise<void> {
    const folder = this.hostFolder(name);
    await this.hosts.get(name)?.stop();
    this.hosts.delete(name);
    await this.must("host", "clean", "--data-dir", folder);
    let left: readonly string[] = [];
    const isClean = (): boolean => {
      left = leftoversOf(folder);
      return left.length === 0;
    };
    try {
      // The kernel takes what a killed process held a little after its end.
      await eventually(`nothing is left of host ${name}`, 0, isClean);
    } catch (cause) {
      throw new Error(`Host ${name} has left behind:\n${left.join("\n")}`, { cause });
    }
  }

  /** Copies the daemons' logs to where a part's output is, so that they outlive the folder. Returns their paths. */
  keepLogs(part: string): string[] {
    const folder = join(root, "dist/test");
    mkdirSync(folder, { recursive: true });
    return [this.supervisor, ...this.hosts.values()].map(({ logPath }) => {
      const kept = join(folder, `${part}.${basename(logPath)}`);
      copyFileSync(logPath, kept);
      return kept;
    });
  }

  /** Removes the hosts, ends the supervisor and removes the folder. */
  async remove(): Promise<void> {
    try {
      for (const name of [...this.hosts.keys()]) await this.removeHost(name);
    } finally {
      await this.supervisor.stop();
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}
