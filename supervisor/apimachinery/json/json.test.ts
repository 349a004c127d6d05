import { expect, test } from "bun:test";
import { countKeys } from "./count-keys.ts";
import { describeSyntaxError, duplicateFields, strictComplaints } from "./json-scanner.ts";
import { cloneJson, equalJson, type JsonObject, setField } from "./json-value.ts";

test("countKeys counts fields and not texts that look like them", () => {
  expect(countKeys('{"a":"\\"b\\":","c" : [{"d":1}],"e\\\\":"x:y"}')).toBe(4);
  expect(countKeys("[1,2]")).toBe(0);
});

test("strictComplaints gives unknown and duplicate fields in the order of the text, and nothing within unknown ones", () => {
  const text = '{"x":{"y":1,"y":2},"a":1,"a":2,"a":3,"b":[{"z":1,"c":1,"c":2}]}';
  expect(strictComplaints(text, ["x", "b[0].z"])).toEqual([
    'unknown field "x"',
    'duplicate field "a"',
    'unknown field "b[0].z"',
    'duplicate field "b[0].c"',
  ]);
});

test("duplicateFields gives the paths of fields given twice", () => {
  expect(duplicateFields('{"a":1,"b":[{"c":1},{"c":1,"c":2}],"a":2}')).toEqual(["b[1].c", "a"]);
  expect(duplicateFields('{"a":"\\u0041\\n","b":-1.5e3,"c":[true,false,null,{}]}')).toEqual([]);
});

test("describeSyntaxError speaks as Go's decoder", () => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ["", "unexpected end of JSON input"],
    ["x", "invalid character 'x' looking for beginning of value"],
    ["{a", "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1', "invalid character '1' after object key"],
    ['{"a":1 "b"', "invalid character '\"' after object key:value pair"],
    ["[1 2]", "invalid character '2' after array element"],
    ['{"a":tru3}', "invalid character '3' in literal true (expecting 'e')"],
    ["{} x", "invalid character 'x' after top-level value"],
    ['"\\q"', "invalid character 'q' in string escape code"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ["-x", "invalid character 'x' in numeric literal"],
  ];
  for (const [text, message] of cases) expect(describeSyntaxError(text)).toBe(message);
});

test("setField keeps a field named __proto__ a field", () => {
  const object: JsonObject = {};
  setField(object, "__proto__", "x");
  expect(JSON.stringify(object)).toBe('{"__proto__":"x"}');
  expect(JSON.stringify(cloneJson(object))).toBe('{"__proto__":"x"}');
});

test("equalJson ignores the order of fields and undefined ones", () => {
  expect(equalJson({ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1, d: undefined })).toBe(true);
  expect(equalJson({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(equalJson([1], [1, 2])).toBe(false);
});
