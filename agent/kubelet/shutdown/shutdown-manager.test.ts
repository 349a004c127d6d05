import { expect, test } from "bun:test";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { ShutdownManager } from "./shutdown-manager.ts";
import type { ShutdownSource } from "./shutdown-source.ts";

const pod = (name: string, priority = 0): V1Pod => ({
  metadata: { name, uid: name },
  spec: { containers: [], priority },
});

/** A box whose shutdowns a test begins and calls off; it notes what is done. */
class FakeBox implements ShutdownSource {
  readonly notes: string[] = [];
  #told = Promise.withResolvers<boolean>();

  async allow(delayMs: number): Promise<void> {
    this.notes.push(`allow ${delayMs}`);
  }

  async inhibit(): Promise<() => void> {
    this.notes.push("inhibit");
    let isHeld = true;
    return () => {
      if (isHeld) this.notes.push("release");
      isHeld = false;
    };
  }

  async *watch(signal: AbortSignal): AsyncIterable<boolean> {
    const ended = new Promise<undefined>((resolve) =>
      signal.addEventListener("abort", () => resolve(undefined)),
    );
    while (!signal.aborted) {
      const told = await Promise.race([this.#told.promise, ended]);
      if (told === undefined) return;
      this.#told = Promise.withResolvers();
      yield told;
    }
  }

  tell(isShuttingDown: boolean): void {
    this.#told.resolve(isShuttingDown);
  }
}

function start(pods: readonly V1Pod[], gracePeriodMs = 30_000) {
  const box = new FakeBox();
  const clock = new FakeClock();
  const stop = new AbortController();
  const running = new Set(pods.map(({ metadata }) => metadata?.name));
  const manager = new ShutdownManager({
    gracePeriodMs,
    criticalGracePeriodMs: 10_000,
    source: box,
    pods: () => pods,
    evict: ({ metadata }, { reason, message, gracePeriodSeconds }) => {
      expect([reason, message]).toEqual([
        "Terminated",
        "Pod was terminated in response to imminent node shutdown.",
      ]);
      box.notes.push(`end ${metadata?.name} within ${gracePeriodSeconds}`);
      return true;
    },
    runs: ({ metadata }) => running.has(metadata?.name),
    tellNode: (reason, message) => box.notes.push(`${reason}: ${message}`),
    onChange: () => box.notes.push(`not ready: ${manager.notReady}`),
    clock,
    logger: new Logger("error", () => {}),
  });
  const done = manager.run(stop.signal);
  return { box, clock, manager, running, stop, done };
}

test("ShutdownManager ends ordinary Pods, then critical ones, and lets the box go", async () => {
  const { box, clock, manager, running, stop, done } = start([pod("core", 2_000_000_000), pod("web")]);
  await clock.advance(0);
  expect(manager.admit()).toBeUndefined();
  box.tell(true);
  await clock.advance(1000);
  const begun = [
    ...["allow 30000", "inhibit", "NodeShutdown: Shutdown manager detected shutdown event"],
    ...["not ready: node is shutting down", "end web within 20"],
  ];
  expect(box.notes).toEqual(begun);
  expect(manager.admit()).toEqual({
    reason: "NodeShutdown",
    message: "Pod was rejected as the node is shutting down.",
  });
  running.delete("web");
  await clock.advance(1000);
  expect(box.notes).toEqual([...begun, "end core within 10"]);
  running.delete("core");
  await clock.advance(1000);
  expect(box.notes.at(-1)).toBe("release");
  stop.abort();
  await done;
});

test("ShutdownManager waits for no group longer than its time", async () => {
  const { box, clock, stop, done } = start([pod("core", 2_000_000_000), pod("web")]);
  await clock.advance(0);
  box.tell(true);
  await clock.advance(19_000);
  expect(box.notes).not.toContain("end core within 10");
  await clock.advance(2000);
  expect(box.notes.at(-1)).toBe("end core within 10");
  await clock.advance(10_000);
  expect(box.notes.at(-1)).toBe("release");
  stop.abort();
  await done;
});

test("ShutdownManager takes Pods again, and inhibits anew, when a shutdown is called off", async () => {
  const { box, clock, manager, stop, done } = start([]);
  await clock.advance(0);
  box.tell(true);
  await clock.advance(1000);
  box.tell(false);
  await clock.advance(1000);
  expect(manager.admit()).toBeUndefined();
  expect(box.notes.slice(-3)).toEqual([
    ...["NodeShutdown: Shutdown manager detected shutdown cancellation", "not ready: undefined", "inhibit"],
  ]);
  stop.abort();
  await done;
  expect(box.notes.at(-1)).toBe("release");
});

test("ShutdownManager does nothing without a grace period", async () => {
  const { box, done } = start([], 0);
  await done;
  expect(box.notes).toEqual([]);
});
