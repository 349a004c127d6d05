import { expect, test } from "bun:test";
import fc from "../../../test/framework/fast-check.ts";
import { encode, oid, tags } from "./der.ts";
import { DerReader, oidText } from "./der-reader.ts";

test("DerReader reads what encode wrote, of any length", () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_535]) {
    const bytes = Buffer.alloc(length, 7);
    expect(DerReader.only(encode(tags.octetString, bytes), tags.octetString).content.equals(bytes)).toBe(
      true,
    );
  }
});

test("DerReader refuses lengths that are cut off, endless, too long or not the shortest", () => {
  const refused = [
    "0405aa",
    "0480",
    "0484ffffffff",
    "048105aabbccddee",
    "0482000500",
    "04",
    "0401aa00",
    "0301aa",
  ];
  for (const hex of refused) {
    expect(() => DerReader.only(Buffer.from(hex, "hex"), tags.octetString)).toThrow("Bad DER");
  }
});

test("an object identifier is read back", () => {
  const arc = fc.integer({ min: 0, max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 39 }),
      fc.array(arc),
      (a, b, rest) => {
        const dotted = [a, b, ...rest].join(".");
        expect(oidText(DerReader.only(oid(dotted), tags.oid).content)).toBe(dotted);
      },
    ),
  );
});
