/** A supervisor and hosts from `dist/pacific`, each in a process and folder of its own, for tests from outside. */
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { eventually } from "./eventually.ts";

export const root = join(import.meta.dir, "../..");
const binary = join(root, "dist/pacific");

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
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

/** One daemon: it can be killed and started again on the same folder. */
export class Daemon {
  readonly logPath: string;
  readonly #arguments: readonly string[];
  #process: Subprocess | undefined;

  constructor(logPath: string, args: readonly string[]) {
    this.logPath = logPath;
    this.#arguments = args;
  }

  start(): void {
    const log = openSync(this.logPath, "a");
    this.#process = Bun.spawn([binary, ...this.#arguments], { stdin: "ignore", stdout: log, stderr: log });
  }

  get pid(): number {
    if (!this.#process) throw new Error(`${this.#arguments[0]} was not started`);
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
    await eventually("the supervisor is ready", 20_000, async () => {
      if (this.supervisor.exitCode !== null)
        throw new Error(`The supervisor ended: ${this.supervisor.log()}`);
      return existsSync(this.kubeconfig) && (await this.kubectl("get", "--raw", "/readyz")).code === 0;
    });
  }

  hostFolder(name: string): string {
    return join(this.folder, name);
  }

  /** Starts a host and waits until its Node is Ready. */
  async addHost(name: string, flags: readonly string[] = []): Promise<Daemon> {
    const token = (await this.must("token", "create", "--kubeconfig", this.kubeconfig)).trim();
    mkdirSync(this.hostFolder(name), { recursive: true });
    const host = new Daemon(join(this.folder, `${name}.log`), [
      "host",
      ...["--server", `https://127.0.0.1:${this.port}`, "--token", token],
      ...["--data-dir", this.hostFolder(name), "--node-name", name, "--node-ip", "127.0.0.1"],
      ...(this.#options.hostFlags ?? []),
      ...flags,
    ]);
    this.hosts.set(name, host);
    host.start();
    await this.nodeReady(name);
    return host;
  }

  async nodeReady(name: string): Promise<void> {
    await eventually(`node ${name} is Ready`, 90_000, async () => {
      const host = this.hosts.get(name);
      if (host && host.exitCode !== null) throw new Error(`Host ${name} ended: ${host.log()}`);
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

  /** Ends everything of this cluster, with its Pods' machines and networks, and removes its folder. */
  async remove(): Promise<void> {
    for (const [name, host] of this.hosts) {
      await host.stop();
      await this.must("host", "clean", "--data-dir", this.hostFolder(name));
    }
    await this.supervisor.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
