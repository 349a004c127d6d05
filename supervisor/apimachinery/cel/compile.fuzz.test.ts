import { expect, test } from "bun:test";
import { compile } from "./compile.ts";
import { celFromJson } from "./json-views.ts";
import { kubernetesEnvironment } from "./kubernetes-environment.ts";
import { dynType } from "./types.ts";

const expressions = 100_000;
const costLimit = 5_000;

/** The same numbers in each run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const atoms =
  "o o.a o.list o.map x 1 0 -1 2u 1.5 'a' \"é\" b'x' true false null [] {} [1,2] {'a':1} o.?a o.list[0] duration('1h') timestamp('2024-01-01T00:00:00Z') optional.none() '(a+)+$' 9223372036854775807 quantity('1k') type(1)".split(
    " ",
  );
const operators = ["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||", "in", "? x :", ".", "[", ","];
const members =
  "size() startsWith('a') matches('a*') map(x,x) filter(x,x>1) all(x,x) exists(k,v,v==k) transformMap(k,v,v) sum() join('-') split('') substring(1) format([1]) orValue(1) getHours() sort() sortBy(x,-x) flatten() optMap(x,x) find('a') indexOf(1) charAt(9)".split(
    " ",
  );
const noise = [
  "(",
  ")",
  "]",
  "}",
  "'",
  '"""',
  "\\",
  "?",
  ":",
  "\u0000",
  "`",
  "in",
  "if",
  "0x",
  "1e",
  "😀",
  "//",
];

function makeExpression(random: () => number, depth: number): string {
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? "";
  const roll = random();
  if (depth <= 0 || roll < 0.25) return pick(atoms);
  if (roll < 0.5) {
    return `${makeExpression(random, depth - 1)} ${pick(operators)} ${makeExpression(random, depth - 1)}`;
  }
  if (roll < 0.75) return `${makeExpression(random, depth - 1)}.${pick(members)}`;
  if (roll < 0.85) return `(${makeExpression(random, depth - 1)})`;
  if (roll < 0.93) return `dyn(${makeExpression(random, depth - 1)})`;
  return makeExpression(random, depth - 1) + pick(noise) + makeExpression(random, depth - 1);
}

test("100,000 random expressions neither crash nor hang, and each has a value or says why not", () => {
  const environment = kubernetesEnvironment.extend({ variables: { o: dynType } });
  const object = celFromJson({ a: "a", list: [1, 2, "x"], map: { a: 1, b: [null] } });
  const bindings = new Map([["o", object]]);
  const random = randomNumbers(42);
  const seen = { values: 0, errors: 0, problems: 0 };
  for (let index = 0; index < expressions; index++) {
    const source = makeExpression(random, index % 8 === 0 ? 3 : 1);
    const compiled = compile(source, environment);
    if ("problem" in compiled) {
      seen.problems++;
      if (!compiled.problem.startsWith("ERROR: <input>:")) throw new Error(`${source}: ${compiled.problem}`);
      continue;
    }
    const evaluation = compiled.program.evaluate(bindings, costLimit);
    if (evaluation.ok) seen.values++;
    else seen.errors++;
  }
  expect(seen.values).toBeGreaterThan(1000);
  expect(seen.errors).toBeGreaterThan(1000);
  expect(seen.problems).toBeGreaterThan(1000);
});

test.each([
  ["parentheses", "(".repeat(5000)],
  ["nested lists", `${"[".repeat(5000)}${"]".repeat(5000)}`],
  ["a long sum", `1${"+1".repeat(20_000)}`],
  ["a long path", `o${".a".repeat(20_000)}`],
  ["many negations", `${"!".repeat(20_000)}true`],
  ["many ternaries", `${"true ? 1 : ".repeat(5000)}1`],
  ["a long text", `'${"a".repeat(99_000)}'.matches('(a*)*b')`],
  ["a growing text", `${"['a']".concat(".map(x,x+x)".repeat(200))}`],
  ["a growing list", `${"[1,2]".concat(".map(x,[x,x]).flatten()".repeat(100))}`],
])("%s end soon", (_name, source) => {
  const environment = kubernetesEnvironment.extend({ variables: { o: dynType } });
  const compiled = compile(source, environment);
  if ("program" in compiled) compiled.program.evaluate(new Map([["o", celFromJson({})]]));
  expect(compiled).toBeDefined();
});
