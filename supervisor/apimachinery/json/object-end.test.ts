import { expect, test } from "bun:test";
import { objectEnd } from "./object-end.ts";

test("objectEnd finds the end of an object, whatever its texts hold", () => {
  const objects = [{}, { a: { b: {} } }, { '}"': '\\"}' }, { a: ["{", "\\", "\\\\"], "\\": 1 }, { é: '"{"' }];
  for (const object of objects) {
    const text = JSON.stringify(object);
    expect(objectEnd(`{"x":${text},"y":"}"}`, 5)).toBe(5 + text.length);
  }
});

test("objectEnd of what does not end is the text's end", () => {
  for (const text of ["{", '{"a', '{"a":{}', '{"a\\"']) expect(objectEnd(text, 0)).toBe(text.length);
});
