import { afterAll, beforeAll } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HttpTransportOptions } from "../../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../../supervisor/client/kubeconfig.ts";
import { binary, type CommandResult, Daemon, run } from "../../framework/cluster.ts";
import { findKubectl } from "../../framework/kubectl.ts";
import { Api } from "./api.ts";
import { newNamespace } from "./new-namespace.ts";

/** A supervisor with all its controllers in a process and a folder of its own. */
export class ConformanceCluster {
  readonly folder = mkdtempSync(join(tmpdir(), "pacific-conformance-"));
  readonly kubeconfig = join(this.folder, "kubeconfig.yaml");
  readonly supervisor: Daemon;
  #server: HttpTransportOptions | undefined;
  #api: Api | undefined;

  constructor(flags: readonly string[]) {
    if (!existsSync(binary)) throw new Error("dist/pacific is missing: run ./install.sh build");
    const data = ["--data-dir", join(this.folder, "data"), "--write-kubeconfig", this.kubeconfig];
    const all = ["supervisor", ...data, "--listen", "127.0.0.1:0", ...flags];
    this.supervisor = new Daemon(join(this.folder, "supervisor.log"), all);
  }

  /** An administrator's requests. */
  get api(): Api {
    if (this.#api === undefined) throw new Error("The supervisor is not ready yet");
    return this.#api;
  }

  /** How the supervisor is reached and trusted, with an administrator's certificate. */
  get server(): HttpTransportOptions {
    if (this.#server === undefined) throw new Error("The supervisor is not ready yet");
    return this.#server;
  }

  /** Requests of the user that a bearer token stands for. */
  apiOf(token: string): Api {
    return new Api({ ...this.server, credentials: { token } });
  }

  async start(): Promise<void> {
    this.supervisor.start();
    await this.supervisor.until("the supervisor is ready", async () => {
      const config = await loadKubeconfig(this.kubeconfig).catch(() => undefined);
      if (config === undefined) return false;
      this.#server = config.transport;
      this.#api = new Api(config.transport);
      const answer = await this.#api.call("GET", "/readyz").catch(() => undefined);
      return answer?.status === 200;
    });
  }

  /** A new namespace with its default ServiceAccount; the name begins with the prefix. */
  namespace(prefix?: string, labels?: Readonly<Record<string, string>>): Promise<string> {
    return newNamespace(this.api, prefix, labels);
  }

  /** Runs kubectl 1.36 as the administrator. */
  kubectl(...args: readonly string[]): Promise<CommandResult> {
    return run(this.kubectlCommand(args));
  }

  /** Runs kubectl with an object, or a text, on its standard input. */
  kubectlWith(input: object | string, ...args: readonly string[]): Promise<CommandResult> {
    const text = typeof input === "string" ? input : JSON.stringify(input);
    return run(this.kubectlCommand(args), { input: text });
  }

  /** What kubectl prints. Throws where it fails. */
  async says(...args: readonly string[]): Promise<string> {
    const result = await this.kubectl(...args);
    if (result.code !== 0) {
      throw new Error(`kubectl ${args.join(" ")} ended with ${result.code}: ${result.stderr}`);
    }
    return result.stdout;
  }

  /** The command line that {@link kubectl} runs. */
  kubectlCommand(args: readonly string[]): string[] {
    const path = findKubectl("v36");
    if (path === undefined) throw new Error("kubectl v36 is absent: run ./install.sh test-tools");
    return [path, "--kubeconfig", this.kubeconfig, "--cache-dir", join(this.folder, "cache"), ...args];
  }

  async remove(): Promise<void> {
    await this.supervisor.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A cluster for the tests of one file: it starts before the first of them and is removed after the last. */
export function useCluster(...flags: readonly string[]): ConformanceCluster {
  const cluster = new ConformanceCluster(flags);
  beforeAll(() => cluster.start(), 600_000);
  afterAll(() => cluster.remove(), 600_000);
  return cluster;
}
