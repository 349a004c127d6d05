import { expect, test } from "bun:test";
import fc from "../../../test/framework/fast-check.ts";
import {
  type Backend,
  CompactedError,
  KeyExistsError,
  KeyNotFoundError,
  RevisionConflictError,
} from "../backend.ts";
import { StoreModel } from "./model.ts";
import { caughtUp, RecordingSink, type StoreUnderTest } from "./store.ts";

/** A write under way: `stale` gives an expected revision that is not the key's. */
type RandomWrite =
  | { readonly verb: "create"; readonly key: string; readonly value: string }
  | { readonly verb: "update"; readonly key: string; readonly value: string; readonly stale: boolean }
  | { readonly verb: "delete"; readonly key: string; readonly stale: boolean };

/** `back` counts revisions from the newest one. */
type RandomOperation =
  | { readonly verb: "writes"; readonly writes: readonly RandomWrite[] }
  | { readonly verb: "get"; readonly key: string; readonly back: number }
  | {
      readonly verb: "range";
      readonly prefix: string;
      readonly after: string | undefined;
      readonly limit: number;
      readonly back: number;
    }
  | { readonly verb: "watch"; readonly prefix: string; readonly back: number }
  | { readonly verb: "compact"; readonly back: number }
  | { readonly verb: "reopen" };

/** Few keys that lie close together, so that writes meet, with the corners of UTF-8 among them. */
const key = fc.constantFrom("/a", "/a\u0000", "/a/", "/a/b", "/a\uffee", "/a😀", "/b");
const value = fc.string({ minLength: 2, maxLength: 8 });
const back = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(12));
const prefix = fc.oneof(fc.constantFrom("", "/"), key);

const write: fc.Arbitrary<RandomWrite> = fc.oneof(
  fc.record({ verb: fc.constant("create" as const), key, value }),
  fc.record({ verb: fc.constant("update" as const), key, value, stale: fc.boolean() }),
  fc.record({ verb: fc.constant("delete" as const), key, stale: fc.boolean() }),
);

const operation: fc.Arbitrary<RandomOperation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      verb: fc.constant("writes" as const),
      writes: fc.array(write, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant("get" as const), key, back }) },
  {
    weight: 3,
    arbitrary: fc.record({
      verb: fc.constant("range" as const),
      prefix,
      after: fc.option(key, { nil: undefined }),
      limit: fc.nat(5),
      back,
    }),
  },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant("watch" as const), prefix, back }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant("compact" as const), back }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant("reopen" as const) }) },
);

/** Random operations give what a model of the interface gives, watches of every age included. */
export function describeRandomOperations(open: () => Promise<StoreUnderTest>): void {
  test("random operations do what the model does", async () => {
    const property = fc.asyncProperty(
      fc.array(operation, { minLength: 20, maxLength: 40, size: "max" }),
      async (operations) => {
        const store = await open();
        try {
          const run = new Run(store);
          for (const next of operations) await run.apply(next);
          await run.checkWatches();
        } finally {
          await store.remove();
        }
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });
}

interface OpenWatch {
  readonly prefix: string;
  readonly from: number;
  readonly sink: RecordingSink;
  readonly caughtUp: () => Promise<void>;
}

class Run {
  readonly #store: StoreUnderTest;
  readonly #model: StoreModel;
  #watches: OpenWatch[] = [];

  constructor(store: StoreUnderTest) {
    this.#store = store;
    this.#model = new StoreModel(store.backend.currentRevision());
  }

  async apply(next: RandomOperation): Promise<void> {
    if (next.verb === "writes") await this.#write(next.writes);
    else if (next.verb === "reopen") await this.#reopen();
    else if (next.verb === "watch") this.#watch(next.prefix, this.#revision(next.back));
    else if (next.verb === "compact") await this.#compact(this.#revision(next.back));
    else if (next.verb === "get") await this.#get(next.key, this.#revision(next.back));
    else await this.#range(next);
    expect(this.#backend.currentRevision()).toBe(this.#model.revision);
  }

  async checkWatches(): Promise<void> {
    for (const { prefix, from, sink, caughtUp } of this.#watches) {
      await caughtUp();
      const expected = this.#model.events.filter(
        ({ current }) => current.modRevision > from && current.key.startsWith(prefix),
      );
      expect(sink.received).toEqual(expected);
    }
  }

  get #backend(): Backend {
    return this.#store.backend;
  }

  #revision(back: number): number {
    return Math.max(1, this.#model.revision - back);
  }

  /** The writes are under way together; the model takes them one by one. */
  async #write(writes: readonly RandomWrite[]): Promise<void> {
    const pending = writes.map((next) => {
      const before = this.#model.get(next.key);
      if (next.verb === "create") {
        const expected = before === undefined ? this.#model.write(next.key, next.value) : KeyExistsError;
        return { expected, result: this.#backend.create(next.key, next.value) };
      }
      const revision = (before?.modRevision ?? 1) + (next.stale ? 1 : 0);
      const newValue = next.verb === "update" ? next.value : undefined;
      const result =
        newValue === undefined
          ? this.#backend.delete(next.key, revision)
          : this.#backend.update(next.key, newValue, revision);
      if (before === undefined) return { expected: KeyNotFoundError, result };
      return { expected: next.stale ? RevisionConflictError : this.#model.write(next.key, newValue), result };
    });
    const settled = await Promise.allSettled(pending.map(({ result }) => result));
    for (const [index, outcome] of settled.entries()) {
      const expected = pending[index]?.expected;
      if (typeof expected === "function") {
        expect(outcome.status === "rejected" ? outcome.reason : outcome.value).toBeInstanceOf(expected);
      } else {
        expect<unknown>(outcome).toEqual({ status: "fulfilled", value: expected });
      }
    }
  }

  async #get(wanted: string, revision: number): Promise<void> {
    const got = this.#backend.get(wanted, revision);
    if (revision < this.#model.compacted) await expect(got).rejects.toBeInstanceOf(CompactedError);
    else expect(await got).toEqual(this.#model.get(wanted, revision));
  }

  async #range(next: RandomOperation & { verb: "range" }): Promise<void> {
    const revision = this.#revision(next.back);
    const after = next.after === undefined ? {} : { after: next.after };
    const got = this.#backend.range({ prefix: next.prefix, limit: next.limit, revision, ...after });
    if (revision < this.#model.compacted) return expect(got).rejects.toBeInstanceOf(CompactedError);
    const all = this.#model.range(next.prefix, next.after, revision);
    const items = all.slice(0, next.limit);
    expect(await got).toEqual({ items, revision, remaining: all.length - items.length });
  }

  #watch(prefix: string, from: number): void {
    const sink = new RecordingSink();
    const backend = this.#backend;
    if (from < this.#model.compacted) {
      expect(() => backend.watch(prefix, from, sink)).toThrow(CompactedError);
      return;
    }
    const handle = backend.watch(prefix, from, sink);
    this.#watches.push({ prefix, from, sink, caughtUp: () => caughtUp(backend, handle) });
  }

  /** Watches that have not caught up may lose their history, so they do first. */
  async #compact(revision: number): Promise<void> {
    await this.checkWatches();
    await this.#backend.compact(revision);
    this.#model.compacted = Math.max(this.#model.compacted, revision);
  }

  async #reopen(): Promise<void> {
    await this.checkWatches();
    this.#watches = [];
    await this.#store.reopen();
  }
}
