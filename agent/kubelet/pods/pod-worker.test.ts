import { expect, test } from "bun:test";
import type { V1ObjectMeta, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import type { Eviction } from "./eviction.ts";
import type { SyncResult } from "./pod-syncer.ts";
import { type PodWork, PodWorker } from "./pod-worker.ts";

function pod(metadata: V1ObjectMeta = {}): V1Pod {
  return {
    metadata: { name: "p", namespace: "ns", uid: "u", ...metadata },
    spec: { containers: [], terminationGracePeriodSeconds: 30 },
  };
}

const deleted = { deletionTimestamp: "2026-01-31T12:00:00Z" };

/** Work that notes its steps; a test may hold a step back or make it fail. */
class NotedWork implements PodWork {
  readonly steps: string[] = [];
  result: SyncResult = { ended: false };
  onStep: (step: string, signal?: AbortSignal) => Promise<void> = async () => {};

  async sync(_pod: V1Pod, signal: AbortSignal): Promise<SyncResult> {
    await this.#note("sync", signal);
    return this.result;
  }

  giveUp(_pod: V1Pod, { reason }: Eviction): void {
    this.steps.push(`give up ${reason}`);
  }

  terminate(_pod: V1Pod, seconds: number): Promise<void> {
    return this.#note(`terminate ${seconds}`);
  }

  hurry(_pod: V1Pod, seconds: number): Promise<void> {
    return this.#note(`hurry ${seconds}`);
  }

  refresh(): void {
    this.steps.push("refresh");
  }

  settle(): Promise<void> {
    return this.#note("settle");
  }

  remove(_pod: V1Pod, gone: boolean): Promise<void> {
    return this.#note(gone ? "remove gone" : "remove");
  }

  async #note(step: string, signal?: AbortSignal): Promise<void> {
    this.steps.push(step);
    await this.onStep(step, signal);
  }
}

function start(of: V1Pod = pod()) {
  const clock = new FakeClock();
  const work = new NotedWork();
  const stop = new AbortController();
  const logger = new Logger("error", () => {});
  const worker = new PodWorker(of, { work, clock, logger, signal: stop.signal });
  return { clock, work, worker, stop, running: worker.run() };
}

test("PodWorker syncs once for a new Pod and again for what changes", async () => {
  const { clock, work, worker } = start();
  await clock.advance(0);
  worker.poke();
  await clock.advance(0);
  worker.update(pod({ labels: { a: "b" } }));
  await clock.advance(0);
  expect(work.steps).toEqual(["sync", "sync", "sync"]);
});

test("PodWorker does not work for a change of the status alone", async () => {
  const { clock, work, worker } = start();
  await clock.advance(0);
  worker.update({ ...pod({ resourceVersion: "2" }), status: { phase: "Running" } });
  await clock.advance(0);
  expect(work.steps).toEqual(["sync"]);
});

test("PodWorker looks again when the step asks for it, and not before", async () => {
  const { clock, work } = start();
  work.result = { ended: false, retryAfterMs: 5000 };
  await clock.advance(4999);
  expect(work.steps).toEqual(["sync"]);
  await clock.advance(1);
  expect(work.steps).toEqual(["sync", "sync"]);
});

test("PodWorker takes a deleted Pod through all stages and cuts its sync off", async () => {
  const { clock, work, worker, running } = start();
  let aborted = false;
  work.onStep = (_step, signal) =>
    new Promise((resolve) => {
      if (!signal) return resolve();
      signal.addEventListener("abort", () => {
        aborted = true;
        resolve();
      });
    });
  await clock.advance(0);
  worker.update(pod({ ...deleted, deletionGracePeriodSeconds: 7 }));
  expect(await running).toBe(true);
  expect(aborted).toBe(true);
  expect(work.steps).toEqual(["sync", "terminate 7", "settle", "remove"]);
});

test("PodWorker settles a Pod that has ended and removes it when it is deleted", async () => {
  const { clock, work, worker, running } = start();
  work.result = { ended: true };
  await clock.advance(0);
  expect(work.steps).toEqual(["sync", "terminate 30", "settle"]);
  worker.update(pod(deleted));
  expect(await running).toBe(true);
  expect(work.steps.slice(3)).toEqual(["settle", "remove"]);
});

test("PodWorker ends a Pod that the API has no more without asking the API", async () => {
  const { clock, work, worker, running } = start();
  await clock.advance(0);
  worker.markGone();
  expect(await running).toBe(true);
  expect(work.steps).toEqual(["sync", "terminate 30", "remove gone"]);
});

test("PodWorker shortens a grace period that is running", async () => {
  const { clock, work, worker, running } = start();
  await clock.advance(0);
  const { promise, resolve } = Promise.withResolvers<void>();
  work.onStep = (step) => (step === "terminate 30" ? promise : Promise.resolve());
  worker.update(pod({ ...deleted, deletionGracePeriodSeconds: 30 }));
  await clock.advance(0);
  worker.update(pod({ ...deleted, deletionGracePeriodSeconds: 2 }));
  worker.update(pod({ ...deleted, deletionGracePeriodSeconds: 2 }));
  resolve();
  await running;
  expect(work.steps).toEqual(["sync", "terminate 30", "hurry 2", "settle", "remove"]);
});

test("PodWorker tries a failed step again after a growing while", async () => {
  const { clock, work, worker, running } = start();
  await clock.advance(0);
  let failures = 3;
  work.onStep = async (step) => {
    if (step.startsWith("terminate") && failures-- > 0) throw new Error("not now");
  };
  worker.update(pod(deleted));
  await clock.advance(20_000);
  expect(await running).toBe(true);
  expect(work.steps.filter((step) => step === "terminate 30")).toHaveLength(4);
});

test("PodWorker does not hold the daemon's end up for a grace period", async () => {
  const { clock, work, worker, running, stop } = start();
  await clock.advance(0);
  work.onStep = (step) => (step.startsWith("terminate") ? new Promise(() => {}) : Promise.resolve());
  worker.update(pod(deleted));
  await clock.advance(0);
  stop.abort();
  expect(await running).toBe(false);
  expect(work.steps).toEqual(["sync", "terminate 30"]);
});

test("PodWorker leaves its Pod alone when the daemon stops", async () => {
  const { clock, work, running, stop } = start();
  await clock.advance(0);
  stop.abort();
  expect(await running).toBe(false);
  expect(work.steps).toEqual(["sync"]);
  expect(clock.pending).toBe(0);
});

test("PodWorker reports what changes while its Pod ends", async () => {
  const { clock, work, worker, running } = start();
  await clock.advance(0);
  const { promise, resolve } = Promise.withResolvers<void>();
  work.onStep = (step) => (step.startsWith("terminate") ? promise : Promise.resolve());
  worker.update(pod(deleted));
  await clock.advance(0);
  worker.poke();
  resolve();
  await running;
  expect(work.steps).toEqual(["sync", "terminate 30", "refresh", "settle", "remove"]);
});

test("PodWorker.evict ends a Pod within the grace period that it is given, once, and leaves it until it is deleted", async () => {
  const { clock, work, worker, stop, running } = start();
  await clock.advance(0);
  const eviction = { reason: "Evicted", message: "", gracePeriodSeconds: 2, isDisruption: true };
  expect(worker.evict(eviction)).toBe(true);
  expect(worker.evict(eviction)).toBe(false);
  await clock.advance(0);
  expect(work.steps).toEqual(["sync", "give up Evicted", "terminate 2", "settle"]);
  stop.abort();
  await running;
});
