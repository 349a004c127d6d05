import { expect, test } from "bun:test";
import { matchesFields, parseFieldSelector } from "./fields.ts";
import { matchesLabels, parseLabelSelector } from "./labels.ts";

test("matchesLabels meets what each operator says", () => {
  const labels = { app: "web", tier: "a", size: "10" };
  const cases: Readonly<Record<string, boolean>> = {
    "": true,
    "app=web": true,
    "app==web,tier!=b": true,
    "tier in (a, b)": true,
    "tier notin (a)": false,
    "missing notin (a)": true,
    "!missing": true,
    "! app": false,
    app: true,
    "missing!=x": true,
    "size>9": true,
    "size<10": false,
    "in in (in)": false,
    "tier in (,)": false,
    "app=": false,
  };
  for (const [selector, expected] of Object.entries(cases)) {
    expect([selector, matchesLabels(parseLabelSelector(selector), labels)]).toEqual([selector, expected]);
  }
});

test("parseLabelSelector says what it found instead", () => {
  const cases: Readonly<Record<string, string>> = {
    "app=web,": "found '', expected: identifier after ','",
    "app in a": "unable to parse requirement: found 'a' expected: '('",
    "app in (a": "unable to parse requirement: found '', expected: ',' or ')'",
    "=a": "found '=', expected: !, identifier, or 'end of string'",
    "a b": "unable to parse requirement: found 'b', expected: =, !=, ==, in, notin, >, <",
    "a>b": "for 'Gt', 'Lt' operators, the value must be an integer",
    "-a=b": 'unable to parse requirement: key: Invalid value: "-a": name part must consist of',
  };
  for (const [selector, message] of Object.entries(cases)) {
    expect(() => parseLabelSelector(selector)).toThrow(message);
  }
});

test("matchesFields meets equalities, absent fields being empty", () => {
  const fields = { "spec.nodeName": "a", "metadata.name": "x,y" };
  expect(matchesFields(parseFieldSelector("spec.nodeName=a,status.phase!=Failed"), fields)).toBe(true);
  expect(matchesFields(parseFieldSelector("spec.nodeName!=a"), fields)).toBe(false);
  expect(matchesFields(parseFieldSelector("metadata.name==x\\,y"), fields)).toBe(true);
  expect(matchesFields(parseFieldSelector("status.phase="), fields)).toBe(true);
  expect(() => parseFieldSelector("a")).toThrow("invalid selector: 'a'; can't understand 'a'");
});
