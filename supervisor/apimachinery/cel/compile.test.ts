import { expect, test } from "bun:test";
import { compile, type Evaluation } from "./compile.ts";
import { celFromJson } from "./json-views.ts";
import { kubernetesEnvironment } from "./kubernetes-environment.ts";
import { schemaType } from "./schema-type.ts";
import { dynType } from "./types.ts";

const environment = kubernetesEnvironment.extend({ variables: { object: dynType } });
const object = celFromJson({
  metadata: { name: "web", labels: { app: "shop" } },
  spec: { replicas: 3, items: [{ n: 1 }, { n: 2 }], half: 0.5, none: null },
});

function evaluate(source: string): Evaluation {
  const compiled = compile(source, environment);
  if ("problem" in compiled) throw new Error(compiled.problem);
  return compiled.program.evaluate(new Map([["object", object]]));
}

function problem(source: string): string {
  const compiled = compile(source, environment);
  return "problem" in compiled ? compiled.problem : "";
}

const truths = String.raw`object.spec.replicas > 2 && object.spec.replicas < 3.5 && object.spec.half < 1u
!has(object.spec.foo) && has(object.spec.none) && object.spec.none == null
object.spec.items.all(i, i.n > 0) && object.spec.items.exists_one(i, i.n == 2)
object.spec.items.map(i, i.n * 2) == [2, 4] && object.spec.items.filter(i, i.n > 1).size() == 1
object.metadata.labels.all(k, v, k + v == 'appshop') && 'app' in object.metadata.labels
object.?spec.?foo.orValue('none') == 'none' && object.?spec.foo.hasValue() == false
optional.of(1).optMap(x, x + 1).value() == 2 && [?optional.none(), 1] == [1]
[1, 0].exists(x, 1 / x == 1) && (1 / 0 == 0 || true) && !(false && 1 / 0 == 0)
{'a': 1}.transformMap(k, v, v + 1) == {'a': 2} && [4, 5].transformList(i, v, i) == [0, 1]
{'a': 1}.transformMapEntry(k, v, {v: k}) == {1: 'a'}
[3, 1, 2].sort() == [1, 2, 3] && [{'a': 2}, {'a': 1}].sortBy(x, x.a)[0].a == 1
[1, 2].sum() == 3 && [duration('1m'), duration('1h')].max() == duration('60m')
'%s is %d, %.2f'.format([dyn('x'), 7, 1.5]) == 'x is 7, 1.50'
'äöü'.size() == 3 && 'äöü'.substring(1, 2) == 'ö' && 'a,b'.split(',') == ['a', 'b']
timestamp('2024-02-29T12:30:00Z') + duration('24h') == timestamp('2024-03-01T12:30:00Z')
timestamp('2024-02-29T12:30:00Z').getHours('+02:00') == 14 && duration('90m').getHours() == 1
9223372036854775807 - 1 == 9223372036854775806 && -9223372036854775808 < 0 && 0x10u == 16u
b'a\x62' == b'ab' && r'\n'.size() == 2 && "\u00e4" == 'ä' && '''a'b''' == "a'b"
'abc-12'.matches('^[a-z]+-[0-9]+$') && 'ab12cd3'.findAll('[0-9]+') == ['12', '3']
sets.equivalent([1, 2], [2, 1, 1]) && !sets.contains([1], [2]) && type(1) == int
int('7') + int(1.9) == 8 && string(1.5e300) == '1.5e+300' && double('2') == 2.0 && bool('true')
optional.of(1).orValue(1 / 0) == 1 && '%.0f %.1f'.format([2.5, 0.25]) == '2 0.2' && type(type) == type
dyn([1, 2]) == dyn([1.0, 2.0]) && dyn(1) == dyn(1u) && dyn('1') != dyn(1)`;

for (const source of truths.split("\n")) {
  test(`compile: ${source}`, () => {
    expect(evaluate(source)).toMatchObject({ ok: true, value: true });
  });
}

test.each([
  ["object.spec.foo", "no such key: foo"],
  ["1 / 0", "division by zero"],
  ["9223372036854775807 + 1", "integer overflow"],
  ["object.spec.items[5]", "index out of bounds: 5"],
  ["object.spec.replicas + 1u", "no such overload"],
  ["[0, 1].all(x, 1 / x == 1)", "division by zero"],
])("an evaluation of %s fails with %s", (source, message) => {
  expect(evaluate(source)).toMatchObject({ ok: false, message, costExceeded: false });
});

test.each([
  ["1 == foo", "ERROR: <input>:1:6: undeclared reference to 'foo' (in container '')\n | 1 == foo\n | .....^"],
  [
    "1 + 'a'",
    "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + 'a'\n | ..^",
  ],
  [
    "'a'.foo()",
    "ERROR: <input>:1:8: undeclared reference to 'foo' (in container '')\n | 'a'.foo()\n | .......^",
  ],
  [
    "'a'.matches('(')",
    "ERROR: <input>:1:13: invalid matches argument\n | 'a'.matches('(')\n | ............^",
  ],
  [
    "1 +",
    "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 1 +\n | ...^",
  ],
])("what is wrong with %s is said as cel-go says it", (source, message) => {
  expect(problem(source)).toBe(message);
});

// The figures are those of kube-apiserver.
test.each([
  ["[1, 2].all(i, v, v > 0)", 21],
  ["[1, 2].transformList(i, v, v < 5, v + 1)", 53],
  ["sets.equivalent([1], [1, 1])", 25],
  ["['aa', 'bb', 'cc', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].join(' ')", 15],
  ["'abc 123 def 123'.split(' ')", 3],
  ["has(object.spec.replicas)", 1],
])("the evaluation of %s costs %d", (source, cost) => {
  expect(evaluate(source)).toMatchObject({ ok: true, cost });
});

test("an expression that costs too much is ended, and nothing makes that unseen", () => {
  const many = "lists.range(1000)";
  const evaluation = evaluate(`${many}.all(a, ${many}.all(b, ${many}.all(c, c >= 0))) || true`);
  expect(evaluation).toMatchObject({ ok: false, costExceeded: true });
});

test("a hostile pattern takes time linear in its text", () => {
  expect(evaluate(`'${"a".repeat(200)}!'.matches('^(a+)+$')`)).toMatchObject({ ok: true, value: false });
});

test("schemaType types fields, and lists that are sets and maps are equal in any order", () => {
  const item = { type: "object", properties: { name: { type: "string" }, port: { type: "integer" } } };
  const type = schemaType(
    {
      type: "object",
      properties: {
        set: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
        ports: {
          type: "array",
          items: item,
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
        },
        "max-size": { type: "number" },
        namespace: { type: "string" },
        at: { type: "string", format: "date-time" },
        either: { "x-kubernetes-int-or-string": true },
      },
    },
    "self",
    true,
  );
  if (type === undefined) throw new Error("The schema has a type");
  const typed = kubernetesEnvironment.extend({ variables: { self: type.type }, objects: [type] });
  const self = celFromJson(
    {
      set: ["a", "b"],
      ports: [{ name: "x", port: 1 }],
      "max-size": 2,
      namespace: "n",
      at: "2024-01-01T00:00:00Z",
      either: 5,
    },
    type,
  );
  for (const source of [
    "self.set == ['b', 'a'] && self.set + ['b', 'c'] == ['a', 'b', 'c']",
    "(self.ports + self.ports).size() == 1",
    "self.max__dash__size == 2.0 && self.__namespace__ == 'n'",
    "self.at.getFullYear() == 2024 && self.either == 5",
    "!has(self.metadata) && !has(self.kind)",
  ]) {
    const compiled = compile(source, typed);
    if ("problem" in compiled) throw new Error(compiled.problem);
    expect(compiled.program.evaluate(new Map([["self", self]]))).toMatchObject({ ok: true, value: true });
    expect(Array.from(compiled.program.variables)).toEqual(["self"]);
  }
  const wrong = compile("self.foo", typed);
  expect(wrong).toMatchObject({ problem: expect.stringContaining("undefined field 'foo'") });
});
