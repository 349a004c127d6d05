import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { apiEncoder } from "../../api/message-set.ts";
import { apiSchemas } from "../../api/schema-set.ts";
import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { encodeEnvelope } from "../../apimachinery/protobuf/envelope.ts";
import { decodeModel } from "../../apimachinery/schema/decode.ts";
import { resourceDefinitions } from "../../registry/resource-definitions.ts";
import { ObjectCodec } from "./object-codec.ts";

/** Objects with every field filled, beside the tree on machines that check against them. */
const folder = process.env.PACIFIC_API_FIXTURES ?? "";
const isThere = folder !== "" && existsSync(folder);
const title = "every kind is stored and read without a loss, and sent as upstream sends it";

test.skipIf(!isThere)(isThere ? title : `${title} (PACIFIC_API_FIXTURES names no fixtures)`, () => {
  let count = 0;
  for (const definition of resourceDefinitions) {
    const { group, version, kind, model } = definition;
    const path = join(folder, `${group === "" ? "core" : group}.${version}.${kind}`);
    // Some groups have no fixtures; a view is another form, which has tests of its own.
    if (!existsSync(`${path}.json`) || definition.view !== undefined) continue;
    const object: JsonObject = JSON.parse(readFileSync(`${path}.json`, "utf8"));
    decodeModel(apiSchemas, model, object);
    const codec = new ObjectCodec(definition);
    // What was decoded is an object of its kind.
    const value = codec.encode(structuredClone(object) as unknown as ApiObject);
    const stored = { key: "", value, createRevision: 1, modRevision: 7 };
    const expected = {
      ...object,
      metadata: { ...Object(object.metadata), resourceVersion: "7" },
    } as JsonObject;
    delete (expected.metadata as JsonObject).selfLink;
    expect(JSON.parse(codec.text(stored))).toEqual(expected);
    const sent = { ...expected, metadata: object.metadata ?? {} };
    expect(Buffer.from(encodeEnvelope(apiEncoder, model, sent)).equals(readFileSync(`${path}.pb`))).toBe(
      true,
    );
    count++;
  }
  expect(count).toBeGreaterThan(40);
});
