import { expect, test } from "bun:test";
import fc from "../../../test/framework/fast-check.ts";
import type { JsonObject } from "../json/json-value.ts";
import { SchemaSet } from "../schema/schema.ts";
import { decodeMessage } from "./decode-message.ts";
import { MessageEncoder } from "./encode-message.ts";
import { encodeEnvelope, openEnvelope } from "./envelope.ts";
import { MessageSet } from "./message-schema.ts";
import { ProtobufError } from "./protobuf-reader.ts";

const schemas = new SchemaSet({
  V1Thing:
    "name string;count int32;big int64;ratio double;on bool;data bytes;at time;exact microTime;amount quantity;port intOrString;raw any;tags []string;labels {}string;inner V1Thing;things []V1Thing",
});
const numbers = {
  V1Thing:
    "name?=1 count?=2 big?=3 ratio?=4 on?=5 data=6 at?=7 exact?=8 amount?=9 port?=10 raw?=11 tags=12 labels=13 inner?=15 things=2000",
};
const messages = new MessageSet(numbers, schemas);
const encoder = new MessageEncoder(messages);

const seconds = fc.integer({ min: -2_000_000_000, max: 4_000_000_000 });
const leaf = {
  name: fc.string({ unit: "grapheme" }),
  count: fc.integer(),
  big: fc.maxSafeInteger(),
  ratio: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
  on: fc.boolean(),
  data: fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes).toString("base64")),
  at: seconds.map((value) => `${new Date(value * 1000).toISOString().slice(0, 19)}Z`),
  exact: seconds.map((value) => `${new Date(value * 1000).toISOString().slice(0, 19)}.000042Z`),
  amount: fc.constantFrom("1", "500m", "64Mi"),
  port: fc.oneof(fc.integer(), fc.string()),
  raw: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.integer())),
  tags: fc.array(fc.string(), { minLength: 1 }),
  labels: fc.dictionary(fc.string(), fc.string({ minLength: 100, maxLength: 140 }), { minKeys: 1 }),
};
const leaves = fc.record(leaf, { requiredKeys: [] });
const thing: fc.Arbitrary<JsonObject> = fc.record(
  { ...leaf, inner: leaves, things: fc.array(leaves, { minLength: 1, maxLength: 2 }) },
  { requiredKeys: [] },
);

function withoutPrototypes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test("what is encoded is decoded to the same", () => {
  fc.assert(
    fc.property(thing, (object) => {
      const { raw, kind } = openEnvelope(encodeEnvelope(encoder, "V1Thing", { ...object, kind: "Thing" }));
      expect(kind).toBe("Thing");
      expect(withoutPrototypes(decodeMessage(messages, "V1Thing", raw))).toEqual(withoutPrototypes(object));
    }),
    { numRuns: 100 },
  );
});

test("bytes of any kind are decoded or refused", () => {
  const changed = fc.tuple(thing, fc.nat(), fc.nat({ max: 255 })).map(([object, at, byte]) => {
    const { raw } = openEnvelope(encodeEnvelope(encoder, "V1Thing", object));
    const bytes = Uint8Array.from(raw);
    if (bytes.length > 0) bytes[at % bytes.length] = byte;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      try {
        decodeMessage(messages, "V1Thing", bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtobufError);
      }
    }),
    { numRuns: 500 },
  );
});
