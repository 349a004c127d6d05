import { expect } from "bun:test";
import type { KubernetesObject } from "../../../supervisor/client/types.ts";
import { annotated, type Collection, isNewer, labelled, nameOf, type Selection } from "./collection.ts";

export interface Operations<T extends KubernetesObject> {
  readonly objects: Collection<T>;
  /** The same resource in all namespaces; absent where it has none. */
  readonly everywhere?: Collection<T>;
  /** Makes the object of a number; different numbers are different objects. */
  readonly make: (number: number) => T;
  /** Selects these objects alone, by their label `test`. */
  readonly label: string;
  /** Selects them in another way. */
  readonly fieldSelector?: string;
  /** What is done between the changes of an object and its deletion. */
  readonly further?: (name: string) => Promise<void>;
}

/** Every verb on three objects: what each answers, and what watches that began before see of it. */
export async function checkOperations<T extends KubernetesObject>(operations: Operations<T>): Promise<void> {
  const { objects, everywhere, make, label, fieldSelector, further } = operations;
  const byLabel = { labelSelector: `test=${label}` };
  const selection: Selection = fieldSelector === undefined ? byLabel : { fieldSelector };
  const made: T[] = [];
  for (const number of [1, 2, 3]) made.push(await objects.create(labelled(make(number), "test", label)));
  const [first] = made;
  if (first === undefined) throw new Error("Three objects were made");
  const name = nameOf(first);
  await expect(objects.create({ ...first, metadata: { name } })).rejects.toMatchObject({
    code: 409,
    reason: "AlreadyExists",
  });
  expect((await objects.get(name)).metadata?.uid).toBe(first.metadata?.uid ?? "");

  const list = await objects.list(selection);
  expect(list.items.map(nameOf).toSorted()).toEqual(made.map(nameOf).toSorted());
  const begin = { ...byLabel, resourceVersion: list.metadata?.resourceVersion ?? "" };
  const watches = [await objects.watch(begin)];
  if (everywhere !== undefined) {
    expect(await everywhere.items(selection)).toHaveLength(3);
    watches.push(await everywhere.watch(begin));
  }

  const patched = await objects.patch(name, { metadata: { annotations: { patched: "true" } } });
  expect(patched.metadata?.annotations).toMatchObject({ patched: "true" });
  expect(isNewer(first, patched)).toBe(true);
  const updated = await objects.update(name, (object) => annotated(object, "updated"));
  expect(updated.metadata?.annotations).toMatchObject({ patched: "true", updated: "true" });
  expect(isNewer(patched, updated)).toBe(true);
  await further?.(name);

  await objects.delete(name);
  await objects.gone(name);
  expect(await objects.items(selection)).toHaveLength(2);
  await objects.deleteAll(selection);
  expect(await objects.items(selection)).toEqual([]);

  for (const watch of watches) {
    const { resourceVersion = "" } = patched.metadata ?? {};
    await watch.until("MODIFIED", ({ metadata }) => metadata?.resourceVersion === resourceVersion);
    await watch.until("MODIFIED", ({ metadata }) => metadata?.annotations?.updated === "true");
    await watch.until("DELETED", (object) => nameOf(object) === name);
    await watch.until("DELETED");
    await watch.until("DELETED");
    // None was new when the watch began.
    expect(watch.events.filter(({ type }) => type === "ADDED")).toEqual([]);
    watch.stop();
  }
}

/** One object after another: read, labelled by a patch and by an update, deleted alone and by its label. */
export async function checkLifecycle<T extends KubernetesObject>(
  objects: Collection<T>,
  make: () => T,
): Promise<void> {
  const created = await objects.create(make());
  const name = nameOf(created);
  expect((await objects.get(name)).metadata?.uid).toBe(created.metadata?.uid ?? "");
  const patched = await objects.patch(
    name,
    { metadata: { labels: { [name]: "patched" } } },
    { kind: "strategic-merge-patch" },
  );
  expect(patched.metadata?.labels).toMatchObject({ [name]: "patched" });
  expect(isNewer(created, patched)).toBe(true);
  expect((await objects.items({ labelSelector: `${name}=patched` })).map(nameOf)).toEqual([name]);
  await objects.delete(name);
  await objects.gone(name);
  expect(await objects.items({ labelSelector: `${name}=patched` })).toEqual([]);

  const second = nameOf(await objects.create(make()));
  const updated = await objects.update(second, (object) => labelled(object, second, "updated"));
  expect(updated.metadata?.labels).toMatchObject({ [second]: "updated" });
  const labelSelector = `${second}=updated`;
  expect((await objects.items({ labelSelector })).map(nameOf)).toEqual([second]);
  await objects.deleteAll({ labelSelector });
  await objects.gone(second);
}
