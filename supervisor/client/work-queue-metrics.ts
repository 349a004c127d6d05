/** What work queues count, by the names of client-go (`component-base/metrics/prometheus/workqueue`). */
import type { HistogramSeries, MetricsRegistry, Sample, Series } from "../base/metrics/metrics-registry.ts";

/** Upper bounds in seconds: each is ten times the one before, computed as upstream so that the labels are the same. */
const durationBounds = powersOfTen(0.000001, 10);

function powersOfTen(start: number, count: number): readonly number[] {
  const bounds = [start];
  for (let last = start; bounds.length < count; bounds.push(last)) last *= 10;
  return bounds;
}

/** The metrics of all work queues of a process, told apart by their names. */
export class WorkQueueMetrics {
  readonly #now: () => number;
  readonly #adds: ReturnType<MetricsRegistry["values"]>;
  readonly #retries: ReturnType<MetricsRegistry["values"]>;
  readonly #waitSeconds: ReturnType<MetricsRegistry["histogram"]>;
  readonly #workSeconds: ReturnType<MetricsRegistry["histogram"]>;
  readonly #queues = new Map<string, QueueMetrics>();

  /** `now` gives milliseconds that never run backwards. */
  constructor(registry: MetricsRegistry, now: () => number = () => performance.now()) {
    this.#now = now;
    const adds = "Total number of adds handled by workqueue";
    this.#adds = registry.values("counter", "workqueue_adds_total", adds);
    this.#waitSeconds = registry.histogram(
      "workqueue_queue_duration_seconds",
      "How long in seconds an item stays in workqueue before being requested.",
      durationBounds,
    );
    this.#workSeconds = registry.histogram(
      "workqueue_work_duration_seconds",
      "How long in seconds processing an item from workqueue takes.",
      durationBounds,
    );
    const retries = "Total number of retries handled by workqueue";
    this.#retries = registry.values("counter", "workqueue_retries_total", retries);
    const gauge = (name: string, help: string, read: (queue: QueueMetrics) => number): void =>
      registry.collected("gauge", name, help, () => this.#samples(read));
    gauge("workqueue_depth", "Current depth of workqueue", ({ depth }) => depth);
    gauge(
      "workqueue_unfinished_work_seconds",
      "How many seconds of work is in progress and not yet observed by work_duration. Large values indicate stuck workers.",
      (queue) => queue.unfinishedMs().reduce((sum, own) => sum + own, 0) / 1000,
    );
    gauge(
      "workqueue_longest_running_processor_seconds",
      "How many seconds has the longest running processor for workqueue been running.",
      (queue) => Math.max(0, ...queue.unfinishedMs()) / 1000,
    );
  }

  /** Those of a queue; the same for the same name. */
  queue(name: string): QueueMetrics {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const made = new QueueMetrics(this.#now, {
      adds: this.#adds({ name }),
      retries: this.#retries({ name }),
      waitSeconds: this.#waitSeconds({ name }),
      workSeconds: this.#workSeconds({ name }),
    });
    this.#queues.set(name, made);
    return made;
  }

  #samples(read: (queue: QueueMetrics) => number): readonly Sample[] {
    return Array.from(this.#queues, ([name, queue]) => ({ labels: { name }, value: read(queue) }));
  }
}

interface QueueSeries {
  readonly adds: Series;
  readonly retries: Series;
  readonly waitSeconds: HistogramSeries;
  readonly workSeconds: HistogramSeries;
}

/** One queue's. Of each key a time is kept while it waits and while it is worked on. */
export class QueueMetrics {
  readonly #now: () => number;
  readonly #series: QueueSeries;
  readonly #addedMs = new Map<string, number>();
  readonly #begunMs = new Map<string, number>();

  constructor(now: () => number, series: QueueSeries) {
    this.#now = now;
    this.#series = series;
  }

  /** How many keys wait, with those that were added while they are worked on. */
  get depth(): number {
    return this.#addedMs.size;
  }

  /** How long each key under way has been worked on. */
  unfinishedMs(): readonly number[] {
    const now = this.#now();
    return Array.from(this.#begunMs.values(), (begun) => now - begun);
  }

  /** A key waits; one that does already is not counted again. */
  added(key: string): void {
    if (this.#addedMs.has(key)) return;
    this.#addedMs.set(key, this.#now());
    this.#series.adds.add(1);
  }

  begun(key: string): void {
    const now = this.#now();
    this.#series.waitSeconds.observe((now - (this.#addedMs.get(key) ?? now)) / 1000);
    this.#addedMs.delete(key);
    this.#begunMs.set(key, now);
  }

  done(key: string): void {
    const now = this.#now();
    this.#series.workSeconds.observe((now - (this.#begunMs.get(key) ?? now)) / 1000);
    this.#begunMs.delete(key);
  }

  /** A key will be added after a time. */
  retried(): void {
    this.#series.retries.add(1);
  }
}
