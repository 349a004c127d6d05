import { type Clock, clockSleep } from "../../base/clock.ts";
import { readBody } from "../../base/http/read-body.ts";
import type { KubeletProxy } from "../proxy/kubelet-proxy.ts";
import { type NodeReadings, parseUsageText, type Reading } from "./usage-text.ts";

/** What something uses, over a time that has just passed. */
export interface Use {
  readonly atMs: number;
  readonly windowMs: number;
  readonly cpuNanocores: number;
  readonly memoryBytes: number;
}

export interface NodeUse {
  readonly node?: Use;
  /** By `namespace/pod/container`. */
  readonly containers: ReadonlyMap<string, Use>;
}

interface Scrape {
  readonly atMs: number;
  readonly readings: NodeReadings;
}

/** A reading this young answers without another. */
const freshMs = 5000;
/** One older than this says too little of the present to measure from. */
const staleMs = 120_000;
/** Between the two readings that the first question to a host takes. */
const firstWindowMs = 1000;
const timeoutMs = 3000;
const maxPageBytes = 16 * 1024 * 1024;

/**
 * Asks hosts what they and their Pods use, when somebody asks. Rates are taken since the question before; where there
 * was none lately, a host is asked twice, a second apart. Nothing is asked while nobody wants to know.
 */
export class UsageSource {
  readonly #proxy: Pick<KubeletProxy, "fetch">;
  readonly #clock: Clock;
  readonly #scrapes = new Map<string, { readonly from: Scrape; readonly to: Scrape }>();
  readonly #asking = new Map<string, Promise<NodeUse | undefined>>();

  constructor(proxy: Pick<KubeletProxy, "fetch">, clock: Clock) {
    this.#proxy = proxy;
    this.#clock = clock;
  }

  /** By the node's name; a host that does not answer in time is left out. */
  async read(nodeNames: readonly string[]): Promise<ReadonlyMap<string, NodeUse>> {
    const found = await Promise.all(nodeNames.map(async (name) => [name, await this.#use(name)] as const));
    return new Map(found.flatMap(([name, use]) => (use ? [[name, use] as const] : [])));
  }

  /** Forgets hosts that are no more. */
  keep(nodeNames: ReadonlySet<string>): void {
    for (const name of this.#scrapes.keys()) if (!nodeNames.has(name)) this.#scrapes.delete(name);
  }

  /** Several who ask at once share one answer. */
  #use(nodeName: string): Promise<NodeUse | undefined> {
    const asking =
      this.#asking.get(nodeName) ??
      this.#ask(nodeName)
        .catch(() => undefined)
        .finally(() => this.#asking.delete(nodeName));
    this.#asking.set(nodeName, asking);
    return asking;
  }

  async #ask(nodeName: string): Promise<NodeUse | undefined> {
    const known = this.#scrapes.get(nodeName);
    const now = this.#clock.now();
    if (known && now - known.to.atMs < freshMs) return useBetween(known.from, known.to);
    const from = known && now - known.to.atMs < staleMs ? known.to : await this.#scrape(nodeName);
    if (from !== known?.to) await clockSleep(this.#clock, firstWindowMs);
    const to = await this.#scrape(nodeName);
    this.#scrapes.set(nodeName, { from, to });
    return useBetween(from, to);
  }

  async #scrape(nodeName: string): Promise<Scrape> {
    const given = new AbortController();
    const cancel = this.#clock.after(timeoutMs, () =>
      given.abort(new Error("The host did not answer in time")),
    );
    try {
      const location = { nodeName, target: "/metrics/resource" };
      const request = new Request("http://kubelet/", { headers: { accept: "text/plain" } });
      const connection = { remoteAddress: "supervisor", signal: given.signal };
      const response = await this.#proxy.fetch(location, request, connection);
      const text = Buffer.from(await readBody(response, maxPageBytes)).toString("utf8");
      if (response.status !== 200) throw new Error(`The host answered ${response.status}`);
      const atMs = this.#clock.now();
      return { atMs, readings: parseUsageText(text, atMs) };
    } finally {
      cancel();
    }
  }
}

function useBetween(from: Scrape, to: Scrape): NodeUse {
  const containers = [...to.readings.containers].flatMap(([key, reading]) => {
    const use = useOf(from.readings.containers.get(key), reading);
    return use ? [[key, use] as const] : [];
  });
  const node = to.readings.node && useOf(from.readings.node, to.readings.node);
  return { ...(node && { node }), containers: new Map(containers) };
}

/** Of a container that was started since, its use since its start. */
function useOf(from: Reading | undefined, to: Reading): Use | undefined {
  const isSame =
    from !== undefined && from.startedAtMs === to.startedAtMs && from.cpuSeconds <= to.cpuSeconds;
  const startMs = isSame ? from.atMs : to.startedAtMs;
  if (startMs === undefined || to.atMs <= startMs) return undefined;
  const windowMs = to.atMs - startMs;
  const seconds = to.cpuSeconds - (isSame ? from.cpuSeconds : 0);
  const cpuNanocores = Math.round((seconds * 1e12) / windowMs);
  return { atMs: to.atMs, windowMs, cpuNanocores, memoryBytes: to.memoryBytes };
}
