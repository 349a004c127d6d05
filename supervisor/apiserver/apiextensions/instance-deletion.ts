import type { Clock } from "../../base/clock.ts";
import { timestamp } from "../../base/timestamp.ts";
import type { Backend, KeyValue } from "../../storage/backend.ts";
import { KeyNotFoundError, RevisionConflictError } from "../../storage/backend.ts";
import { pagesOf } from "../../storage/pages-of.ts";
import { planDeletion } from "../handlers/plan-deletion.ts";
import type { ObjectStore } from "../storage/object-store.ts";

/** Asks for the deletion of all objects of a resource. Resolves when each is gone or waits for its finalizers. */
export async function deleteInstances(store: ObjectStore, clock: Clock): Promise<void> {
  for await (const { items } of pagesOf(store.backend, store.prefix(""))) {
    await Promise.all(items.map((item) => deleteOne(store, item, clock)));
  }
}

async function deleteOne(store: ObjectStore, item: KeyValue, clock: Clock): Promise<void> {
  const { backend, codec, definition } = store;
  for (let existing: KeyValue = item; ; ) {
    const object = codec.decode(existing);
    const plan = planDeletion(definition, object, {}, timestamp(clock.now()));
    try {
      if (plan === "remove") await backend.delete(existing.key, existing.modRevision);
      else if (plan === "mark")
        await backend.update(existing.key, codec.encode(object), existing.modRevision);
      return;
    } catch (error) {
      if (error instanceof KeyNotFoundError) return;
      if (!(error instanceof RevisionConflictError)) throw error;
      existing = error.current;
    }
  }
}

/** Resolves when no key with the prefix is left; rejects when the store is closed or the signal aborts. */
export async function untilEmpty(backend: Backend, prefix: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { remaining, items, revision } = await backend.range({ prefix, limit: 1 });
  let left = remaining + items.length;
  if (left === 0) return;
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const watch = backend.watch(prefix, revision, {
    events(events) {
      for (const { type, previous } of events) {
        if (type === "delete") left--;
        else if (previous === undefined) left++;
      }
      if (left <= 0) resolve();
    },
    end: reject,
  });
  if (signal.aborted) abort();
  try {
    await promise;
  } finally {
    watch.stop();
    signal.removeEventListener("abort", abort);
  }
}
