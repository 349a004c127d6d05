/** Definitions with anything in any place are taken or refused, and nothing breaks. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import fc from "../../../test/framework/fast-check.ts";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";

const example = join(import.meta.dir, "../../../examples/mongodb-operator/manifests/crd.yaml");
const text = readFileSync(example, "utf8");

type Container = Record<string, unknown>;

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

/** Every place in a value: what holds it, and by which name. */
function places(value: unknown): ReadonlyArray<readonly [Container, string]> {
  if (!isContainer(value)) return [];
  return Object.keys(value).flatMap((name) => [[value, name] as const, ...places(value[name])]);
}

const strange = fc.oneof(
  fc.constantFrom(
    "object",
    "array",
    ".spec.x",
    "self == oldSelf",
    "(((",
    "^a+$",
    "__proto__",
    "🦄",
    1e300,
    -1,
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant(undefined),
);
const changes = fc.array(fc.tuple(fc.nat(), fc.option(fc.string(), { nil: undefined }), strange), {
  minLength: 1,
  maxLength: 3,
});

test("no definition is an internal error", async () => {
  const server = await TestApiServer.start();
  try {
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const body = parse(text);
        for (const [index, added, value] of list) {
          const all = places(body);
          const [holder, name] = all[index % Math.max(1, all.length)] ?? [body, "spec"];
          // A list has no other fields than its items.
          holder[Array.isArray(holder) ? name : (added ?? name)] = structuredClone(value);
        }
        const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All";
        const { status, text: answer } = await server.call("POST", path, { body });
        expect(status < 500 ? "" : answer).toBe("");
      }),
      { numRuns: 120 },
    );
  } finally {
    await server.close();
  }
}, 600_000);
