import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../apimachinery/json/json-value.ts";
import { decodeMessage } from "../apimachinery/protobuf/decode-message.ts";
import { encodeEnvelope, openEnvelope } from "../apimachinery/protobuf/envelope.ts";
import { decodeModel } from "../apimachinery/schema/decode.ts";
import { kindModel } from "./kind-model.ts";
import { apiEncoder, apiMessages } from "./message-set.ts";
import { apiSchemas } from "./schema-set.ts";

/** Objects with every field filled, in both forms; beside the tree on machines that check against them. */
const folder = process.env.PACIFIC_API_FIXTURES ?? "";
const isThere = folder !== "" && existsSync(folder);

/**
 * Kinds that are never a body of the API: what webhooks see, discovery's own form, the options that stand in queries,
 * and what is kept in annotations or stores alone.
 */
const neverBodies =
  /^(?:admission|apidiscovery|imagepolicy)\.|^core\.v1\.(?!Delete)\w+Options\.|\.(?:RangeAllocation|PodStatusResult|SerializedReference|WatchEvent)\./;

const names = isThere
  ? readdirSync(folder)
      .filter((name) => /^[\w.-]+?\.v\d+\.\w+\.pb$/.test(name) && !neverBodies.test(name))
      .map((name) => name.slice(0, -".pb".length))
  : [];

test.skipIf(!isThere)(`fixtures are there${isThere ? "" : " (PACIFIC_API_FIXTURES names none)"}`, () => {
  expect(names.length).toBeGreaterThan(70);
});

for (const name of names) {
  const bytes = readFileSync(join(folder, `${name}.pb`));
  const json: JsonObject = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
  const model = kindModel(String(json.apiVersion), String(json.kind)) ?? "";

  test(`${name} goes from protobuf to JSON and back unchanged`, () => {
    const { kind, apiVersion, raw } = openEnvelope(bytes);
    const object = { kind, apiVersion, ...decodeMessage(apiMessages, model, raw) } as JsonObject;
    const copy = structuredClone(object);
    expect(decodeModel(apiSchemas, model, copy).unknownFields).toEqual([]);
    const expected = structuredClone(json);
    decodeModel(apiSchemas, model, expected);
    expect(copy).toEqual(expected);
    expect(Buffer.from(encodeEnvelope(apiEncoder, model, copy)).toString("hex")).toBe(bytes.toString("hex"));
    expect(Buffer.from(encodeEnvelope(apiEncoder, model, json)).equals(bytes)).toBe(true);
  });
}
