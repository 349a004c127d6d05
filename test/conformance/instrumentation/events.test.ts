/** Events, by the core group and by their own. */
import { expect } from "bun:test";
import type { CoreV1Event, EventsV1Event } from "../../../supervisor/api/generated/types.ts";
import type { KubernetesObject } from "../../../supervisor/client/types.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection, nameOf } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();
const observed = "2017-09-19T13:49:16.000000Z";

function coreEvents(namespace: string): Collection<CoreV1Event> {
  return new Collection(cluster.api, `/api/v1/namespaces/${namespace}/events`);
}

function newEvents(namespace: string): Collection<EventsV1Event> {
  return new Collection(cluster.api, `/apis/events.k8s.io/v1/namespaces/${namespace}/events`);
}

function coreEvent(namespace: string, name: string): CoreV1Event {
  return {
    metadata: { name, labels: { test: namespace } },
    involvedObject: { namespace },
    message: `This is ${name}`,
    reason: "Test",
    type: "Normal",
    count: 1,
  };
}

function newEvent(namespace: string, name: string): EventsV1Event {
  return {
    metadata: { name, labels: { test: namespace } },
    regarding: { namespace },
    eventTime: observed,
    note: `This is ${name}`,
    action: "Do",
    reason: "Test",
    type: "Normal",
    reportingController: `controller-of-${namespace}`,
    reportingInstance: "test-node",
  };
}

/** The object without what every write changes. */
function settled<T extends KubernetesObject>(object: T): T {
  const { resourceVersion: _version, managedFields: _fields, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

async function checkCollection<T extends KubernetesObject>(
  events: Collection<T>,
  labelSelector: string,
  make: (name: string) => T,
): Promise<void> {
  const names = ["event-1", "event-2", "event-3"];
  for (const name of names) await events.create(make(name));
  await events.create({ ...make("other"), metadata: { name: "other" } });
  expect((await events.items({ labelSelector })).map(nameOf)).toEqual(names);
  await events.deleteAll({ labelSelector });
  expect(await events.items({ labelSelector })).toEqual([]);
  expect((await events.items()).map(nameOf)).toEqual(["other"]);
}

conformanceTest(
  "[sig-instrumentation] Events should manage the lifecycle of an event [Conformance]",
  async () => {
    const namespace = await cluster.namespace("events");
    const events = coreEvents(namespace);
    const everywhere = new Collection<CoreV1Event>(cluster.api, "/api/v1/events");
    const labelSelector = `test=${namespace}`;
    await events.create(coreEvent(namespace, "event"));
    expect(await everywhere.items({ labelSelector })).toMatchObject([
      { metadata: { name: "event", namespace } },
    ]);
    await events.patch("event", { message: "Patched" }, { kind: "strategic-merge-patch" });
    expect((await events.get("event")).message).toBe("Patched");
    const before = await events.get("event");
    const series = { count: 100, lastObservedTime: observed };
    await events.update("event", (event) => ({ ...event, series }));
    expect(settled(await events.get("event"))).toEqual(settled({ ...before, series }));
    await events.delete("event");
    expect(await everywhere.items({ labelSelector })).toEqual([]);
  },
);

conformanceTest(
  "[sig-instrumentation] Events should delete a collection of events [Conformance]",
  async () => {
    const namespace = await cluster.namespace("events");
    const make = (name: string): CoreV1Event => coreEvent(namespace, name);
    await checkCollection(coreEvents(namespace), `test=${namespace}`, make);
  },
);

conformanceTest(
  "[sig-instrumentation] Events API should delete a collection of events [Conformance]",
  async () => {
    const namespace = await cluster.namespace("events");
    const make = (name: string): EventsV1Event => newEvent(namespace, name);
    await checkCollection(newEvents(namespace), `test=${namespace}`, make);
  },
);

conformanceTest(
  "[sig-instrumentation] Events API should ensure that an event can be fetched, patched, deleted, and listed [Conformance]",
  async () => {
    const namespace = await cluster.namespace("events");
    const [events, old] = [newEvents(namespace), coreEvents(namespace)];
    const everywhere = new Collection<EventsV1Event>(cluster.api, "/apis/events.k8s.io/v1/events");
    const labelSelector = `test=${namespace}`;
    await events.create(newEvent(namespace, "event"));
    // Of another reporter: fields tell them apart.
    await events.create({ ...newEvent(namespace, "other"), reportingController: "other" });
    for (const listed of [everywhere, events]) {
      expect((await listed.items({ labelSelector })).map(nameOf)).toEqual(["event", "other"]);
    }
    const reporter = `controller-of-${namespace}`;
    const fieldSelector = `reportingController=${reporter}`;
    expect((await events.items({ fieldSelector })).map(nameOf)).toEqual(["event"]);
    expect((await old.items({ fieldSelector: `source=${reporter}` })).map(nameOf)).toEqual(["event"]);

    const before = await events.get("event");
    const begun = { count: 2, lastObservedTime: observed };
    await events.patch("event", { series: begun }, { kind: "strategic-merge-patch" });
    const patched = await events.get("event");
    expect(settled(patched)).toEqual(settled({ ...before, series: begun }));
    expect((await old.get("event")).series).toEqual(begun);
    const series = { count: 100, lastObservedTime: observed };
    await events.update("event", (event) => ({ ...event, series }));
    expect(settled(await events.get("event"))).toEqual(settled({ ...patched, series }));
    await events.delete("event");
    for (const listed of [everywhere, events]) {
      expect((await listed.items({ labelSelector })).map(nameOf)).toEqual(["other"]);
    }
  },
);
