import { expect, test } from "bun:test";
import { configMapDefinition } from "../../registry/core/config-map/config-map-definition.ts";
import { eventDefinition } from "../../registry/core/event/event-definitions.ts";
import { ObjectCodec } from "./object-codec.ts";

const codec = new ObjectCodec(configMapDefinition);

function stored(value: string) {
  return { key: "/registry/configmaps/default/a", value, createRevision: 3, modRevision: 7 };
}

const object = {
  kind: "ConfigMap",
  apiVersion: "v1",
  metadata: {
    labels: { app: "web", "a/b": "" },
    name: "a",
    annotations: { x: '"labels":{}' },
    resourceVersion: "5",
  },
  data: { key: "value" },
};

test("a stored text has no resource version, the text for clients has the store's", () => {
  const value = codec.encode(object);
  expect(value).not.toContain("resourceVersion");
  expect(JSON.parse(codec.text(stored(value)))).toEqual({
    ...object,
    metadata: { ...object.metadata, resourceVersion: "7" },
  });
  expect(JSON.parse(codec.text(stored(value)))).toEqual(codec.decode(stored(value)));
  const item = JSON.parse(codec.itemText(stored(value)));
  expect(item).toEqual({ metadata: { ...object.metadata, resourceVersion: "7" }, data: object.data });
});

test("labels are read without the rest, and are none where there are none", () => {
  expect(codec.labels(stored(codec.encode(object)))).toEqual({ app: "web", "a/b": "" });
  const { labels: _labels, ...metadata } = object.metadata;
  expect(codec.labels(stored(codec.encode({ ...object, metadata })))).toEqual({});
  const bare = { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "a" } };
  expect(codec.labels(stored(codec.encode(bare)))).toEqual({});
});

test("a view is stored in its other form", () => {
  const events = new ObjectCodec(eventDefinition);
  const event = { kind: "Event", apiVersion: "events.k8s.io/v1", metadata: { name: "a" }, note: "n" };
  const value = events.encode(event);
  expect(JSON.parse(value)).toEqual({
    kind: "Event",
    apiVersion: "v1",
    metadata: { name: "a" },
    message: "n",
  });
  expect(JSON.parse(events.text(stored(value)))).toMatchObject({ apiVersion: "events.k8s.io/v1", note: "n" });
});
