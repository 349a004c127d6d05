import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { present } from "../../../supervisor/base/present.ts";
import type { NodeFacts } from "../node/node-facts.ts";
import { cadvisorMetrics } from "./cadvisor/cadvisor-metrics.ts";
import { nodeRateKey, nodeStats } from "./node-stats.ts";
import { podStats } from "./pod-stats.ts";
import { resourceMetrics } from "./resource-metrics.ts";
import type { PodStats, Summary } from "./summary.ts";
import { UsageRates } from "./usage-rate.ts";
import type { UsageReader } from "./usage-reader.ts";

export interface StatsProviderOptions {
  readonly nodeName: string;
  readonly facts: NodeFacts;
  readonly reader: UsageReader;
  /** The Pods of this node. */
  readonly pods: () => readonly V1Pod[];
}

/** What the kubelet API tells of usage; all of it is made when it is asked for. */
export class StatsProvider {
  readonly #options: StatsProviderOptions;
  readonly #rates = new UsageRates();

  constructor(options: StatsProviderOptions) {
    this.#options = options;
  }

  /** The whole summary. Rejects where the box cannot be read. */
  async summary(): Promise<Summary> {
    const { nodeName, reader, pods } = this.#options;
    const usage = await reader.read();
    const byUid = new Map(pods().map((pod) => [pod.metadata?.uid ?? "", pod]));
    const summary = {
      node: nodeStats(nodeName, usage, this.#rates),
      pods: usage.sandboxes.map((each) =>
        podStats(each, byUid.get(each.sandbox.metadata.uid), usage.nodeFs, this.#rates),
      ),
    };
    const ids = usage.sandboxes.flatMap(({ sandbox, containers }) => [
      sandbox.metadata.uid,
      ...containers.map(({ id }) => id),
    ]);
    this.#rates.keep(new Set([nodeRateKey, ...ids]));
    return summary;
  }

  /** The summary with processors and memory alone, as `only_cpu_and_memory` asks for it. */
  async cpuAndMemory(): Promise<Summary> {
    const { node, pods } = await this.summary();
    const { nodeName, startTime, cpu, memory, swap } = node;
    return {
      node: { nodeName, startTime, ...present({ cpu, memory, swap }) },
      pods: pods.map(onlyCpuAndMemory),
    };
  }

  async resourceMetrics(): Promise<string> {
    return await resourceMetrics(await this.#options.reader.read());
  }

  async cadvisorMetrics(): Promise<string> {
    return await cadvisorMetrics(await this.#options.reader.read(), this.#options.facts);
  }
}

function onlyCpuAndMemory({ podRef, startTime, cpu, memory, swap, containers }: PodStats): PodStats {
  return {
    podRef,
    startTime,
    containers: containers.map(({ name, startTime: started, ...rest }) => ({
      name,
      startTime: started,
      ...present({ cpu: rest.cpu, memory: rest.memory, swap: rest.swap }),
    })),
    ...present({ cpu, memory, swap }),
  };
}
