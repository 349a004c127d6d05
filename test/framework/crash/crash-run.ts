import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { HttpTransport } from "../../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../../supervisor/client/kubeconfig.ts";
import { resources } from "../../../supervisor/client/resources.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import type { ResourceClient } from "../../../supervisor/client/types.ts";
import type { Cluster, Daemon } from "../cluster.ts";
import { eventually } from "../eventually.ts";
import { podOf, processesOf, sandboxOf } from "../host-processes.ts";
import type { RandomSource } from "../random-source.ts";
import { type CrashPod, crashPods } from "./crash-pods.ts";
import { CrashWitness } from "./crash-witness.ts";

const killsOfGeneration = 10;
const settleMs = 150_000;
const [leastPauseMs, mostPauseMs] = [200, 2200];

/**
 * Kills a host's daemon, one of its machines, or both, at random moments, while Pods start, run and end; between two
 * generations of Pods nothing is killed until each has become what it must.
 */
export class CrashRun {
  readonly #random: RandomSource;
  readonly #host: Daemon;
  readonly #folder: string;
  readonly #ledger: string;
  readonly #pods: ResourceClient<V1Pod>;
  readonly #witness: CrashWitness;
  /** Pods of which a machine was killed: these may have missed something. */
  readonly #bereft = new Set<string>();

  private constructor(cluster: Cluster, node: string, pods: ResourceClient<V1Pod>, random: RandomSource) {
    const host = cluster.hosts.get(node);
    if (!host) throw new Error(`Host ${node} does not exist`);
    this.#host = host;
    this.#folder = cluster.hostFolder(node);
    this.#ledger = join(cluster.folder, "ledger");
    this.#pods = pods;
    this.#random = random;
    this.#witness = new CrashWitness(this.#folder, async () => (await pods.list()).items);
    mkdirSync(this.#ledger);
    chmodSync(this.#ledger, 0o777);
  }

  static async open(cluster: Cluster, node: string, random: RandomSource): Promise<CrashRun> {
    const { transport } = await loadKubeconfig(cluster.kubeconfig);
    const client = createClient(new HttpTransport(transport));
    return new CrashRun(cluster, node, client.resource(resources.pods, "default"), random);
  }

  /** Kills so many times. Throws what was wrong. */
  async kill(times: number): Promise<void> {
    const stop = new AbortController();
    const watching = this.#witness.watch(stop.signal);
    try {
      for (let done = 0; done < times; done += killsOfGeneration)
        await this.#generation(done / killsOfGeneration, Math.min(killsOfGeneration, times - done));
    } finally {
      stop.abort();
      await watching;
    }
    if (this.#witness.faults.length > 0) throw new Error(this.#witness.faults.join("\n"));
  }

  async #generation(generation: number, kills: number): Promise<void> {
    const pods = crashPods(generation, this.#ledger, this.#random);
    const waiting = [...pods];
    for (let kill = 0; kill < kills; kill += 1) {
      for (const { manifest } of waiting.splice(0, 1 + this.#random.below(3)))
        await this.#pods.create(manifest);
      const doomed = kill === kills - 3 ? pods.find(({ kind }) => kind === "deleted") : undefined;
      if (doomed && !waiting.includes(doomed)) await this.#pods.delete(doomed.name);
      await Bun.sleep(leastPauseMs + this.#random.below(mostPauseMs - leastPauseMs));
      await this.#strike();
    }
    for (const { manifest } of waiting) await this.#pods.create(manifest);
    for (const pod of pods) await this.#settle(pod);
    // The next generation's kills meet these on their way out.
    await Promise.all(
      pods.filter(({ kind }) => kind !== "deleted").map(({ name }) => this.#pods.delete(name)),
    );
  }

  async #strike(): Promise<void> {
    const what = this.#random.pick(["daemon", "daemon", "machine", "both"]);
    const machines = processesOf(this.#folder).filter((process) => sandboxOf(process) !== undefined);
    if (what !== "daemon" && machines.length > 0) {
      const machine = this.#random.pick(machines);
      const owner = (): string | undefined => podOf(this.#folder, sandboxOf(machine) ?? "");
      const before = owner();
      killIfThere(machine.pid);
      // A spare machine may become a Pod's between the look and the kill.
      const uid = before ?? owner();
      if (uid) this.#bereft.add(uid);
    }
    if (what === "machine") return;
    await this.#host.stop("SIGKILL");
    this.#host.start();
  }

  /** Waits until a Pod has become what it must, and is what its ledger says. */
  async #settle(pod: CrashPod): Promise<void> {
    let wrong: string | undefined = "it was not looked at";
    const isRight = async (): Promise<boolean> => {
      wrong = await this.#wrongWith(pod);
      return wrong === undefined;
    };
    try {
      await eventually(`Pod ${pod.name} is as it must be`, settleMs, isRight);
    } catch (cause) {
      throw new Error(`${pod.name}: ${wrong}\n${this.#host.log().slice(-4000)}`, { cause });
    }
  }

  async #wrongWith({ kind, name, exitCode }: CrashPod): Promise<string | undefined> {
    const found = (await this.#pods.list({ fieldSelector: `metadata.name=${name}` })).items[0];
    if (kind === "deleted") {
      if (found && !found.metadata?.deletionTimestamp) await this.#pods.delete(name);
      return found && "it is still there";
    }
    const { phase, containerStatuses: [main] = [] } = found?.status ?? {};
    const starts = this.#startsOf(name);
    const told = `${phase}, ${starts} starts, ${JSON.stringify(main)}`;
    const wasBereft = this.#bereft.has(found?.metadata?.uid ?? "");
    if (kind === "ends" || kind === "fails") {
      const code = main?.state?.terminated?.exitCode;
      const asPlanned = code === exitCode && phase === (exitCode === 0 ? "Succeeded" : "Failed");
      const killed = wasBereft && code === 137 && phase === "Failed";
      return starts <= 1 && main?.restartCount === 0 && (asPlanned || killed) ? undefined : told;
    }
    const restarts = main?.restartCount ?? 0;
    const isCounted = starts === restarts + 1 || (wasBereft && starts <= restarts + 1);
    const stands: Record<string, boolean> = {
      begins: phase === "Succeeded" && main?.state?.terminated?.exitCode === 0,
      "starts-slowly": main?.ready === true && (restarts === 0 || wasBereft),
      restarts: main?.lastState?.terminated !== undefined && phase === "Running",
    };
    return isCounted && stands[kind] ? undefined : told;
  }

  #startsOf(name: string): number {
    const path = join(this.#ledger, `${name}.main`);
    return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").length : 0;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended between the look and the kill.
  }
}
