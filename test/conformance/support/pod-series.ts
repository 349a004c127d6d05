import { test } from "bun:test";
import type { MachineCluster } from "./machine-cluster.ts";

/** So many tests' Pods are under way at once: enough for the processors while a test waits, few enough for memory. */
const ahead = 6;
/** Only for what hangs. */
const timeoutMs = 600_000;

/**
 * Tests whose Pods start while earlier tests still wait: each prepares in a namespace of its own (objects made, Pods
 * created), up to six tests ahead, and checks in its turn.
 */
export class PodSeries {
  readonly #machines: MachineCluster;
  readonly #starts: (() => Promise<string>)[] = [];

  constructor(machines: MachineCluster) {
    this.#machines = machines;
  }

  /** `name` is the behaviour's exact name, which `test/style` looks for. */
  conformanceTest(
    name: string,
    prepare: (namespace: string) => Promise<unknown>,
    check: (namespace: string) => Promise<void>,
  ): void {
    const index = this.#starts.length;
    this.#starts.push(
      once(async () => {
        const namespace = await this.#machines.namespace();
        await prepare(namespace);
        return namespace;
      }),
    );
    const run = async (): Promise<void> => {
      // A failure of a later test's is told in its own turn.
      for (const start of this.#starts.slice(index + 1, index + ahead)) start().catch(() => undefined);
      const namespace = await this.#starts[index]?.();
      if (namespace === undefined) return;
      try {
        await check(namespace);
      } finally {
        await this.#machines.api.call("DELETE", `/api/v1/namespaces/${namespace}`);
      }
    };
    test(name, run, timeoutMs);
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
