import { describe, expect, test } from "bun:test";
import fc from "../../../../test/framework/fast-check.ts";
import { FieldReader, FieldWriter } from "./fields.ts";
import { ProtocolError, tag } from "./protocol.ts";

describe("FieldReader", () => {
  test("reads what FieldWriter wrote", () => {
    const group = new FieldWriter().u32(tag.mtu, 1500).text(tag.hostname, undefined);
    const payload = new FieldWriter()
      .u64(tag.clock, 1_700_000_000_000_000_000n)
      .text(tag.hostname, "wéb-0")
      .list(tag.arg, ["a", ""])
      .group(tag.network, group)
      .group(tag.network, undefined)
      .finish();
    const fields = new FieldReader(payload);
    expect(fields.u64(tag.clock)).toBe(1_700_000_000_000_000_000n);
    expect(fields.text(tag.hostname)).toBe("wéb-0");
    expect(fields.groups(tag.network).map((network) => network.u32(tag.mtu))).toEqual([1500]);
    expect(fields.u32(tag.port)).toBeUndefined();
  });

  test("throws a ProtocolError for a missing field, a wrong size and a truncated one", () => {
    const payload = new FieldWriter().text(tag.message, "abc").finish();
    expect(() => new FieldReader(payload).u32(tag.message)).toThrow(ProtocolError);
    expect(() => new FieldReader(payload).needU32(tag.port)).toThrow(ProtocolError);
    expect(() => new FieldReader(payload.subarray(0, 8))).toThrow(ProtocolError);
    expect(() => new FieldReader(payload.subarray(0, 3))).toThrow(ProtocolError);
  });

  test("reads lists of numbers up to a length", () => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32LE(1000, 0);
    bytes.writeUInt32LE(4_294_967_295, 8);
    const reader = new FieldReader(new FieldWriter().bytes(tag.identity, bytes).finish());
    expect(reader.u32List(tag.identity, 3)).toEqual([1000, 0, 4_294_967_295]);
    expect(reader.u32List(tag.message, 3)).toBeUndefined();
    expect(() => reader.u32List(tag.identity, 2)).toThrow(ProtocolError);
  });

  test("throws nothing but a ProtocolError for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          new FieldReader(Buffer.from(bytes)).u32(bytes[0] ?? 0);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
