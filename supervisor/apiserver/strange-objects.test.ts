import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "../../test/framework/fast-check.ts";
import { modelArbitrary } from "../../test/framework/model-arbitrary.ts";
import { TestApiServer } from "../../test/framework/test-api-server.ts";
import { apiSchemas } from "../api/schema-set.ts";
import { parseFieldSelector } from "../apimachinery/fields.ts";
import { parseLabelSelector, SelectorError } from "../apimachinery/labels.ts";
import { apiVersionOf } from "../registry/resource-definition.ts";
import { resourceDefinitions } from "../registry/resource-definitions.ts";

/** How many objects of each kind are tried; more where somebody has the time. */
const runs = Number(process.env.PACIFIC_FUZZ_RUNS ?? 25);
let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start();
});

afterAll(() => server.close());

const kinds = resourceDefinitions
  .filter(({ isReview, withoutVerbs }) => !isReview && !withoutVerbs?.includes("create"))
  .map((definition) => {
    const { group, namespaced, resource, model } = definition;
    const root = `${group === "" ? "/api" : "/apis"}/${apiVersionOf(definition)}`;
    return [model, `${root}${namespaced ? "/namespaces/default" : ""}/${resource}`] as const;
  });

const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

for (const [model, path] of kinds) {
  const arbitrary = modelArbitrary(apiSchemas, model, 6);
  test(`a ${model} however strange is taken or refused, never a fault`, async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, arbitrary, async (strange, patch) => {
        const [one, other] = [strange, patch].map((value) => ({
          ...(value as object),
          kind: "",
          apiVersion: "",
        }));
        const metadata = { generateName: "f-" };
        const answers = [
          await server.call("POST", path, { body: { ...one } }),
          await server.call("POST", path, { body: { ...one, metadata }, headers: { accept } }),
        ];
        const [, created] = answers;
        if (created?.status === 201) {
          const name = created.body.rows[0].object.metadata.name;
          const headers = { "content-type": "application/strategic-merge-patch+json" };
          answers.push(await server.call("PATCH", `${path}/${name}`, { body: other, headers }));
          answers.push(
            await server.call("PUT", `${path}/${name}`, { body: { ...other, metadata: { name } } }),
          );
          answers.push(await server.call("DELETE", `${path}/${name}?gracePeriodSeconds=0`));
        }
        const faults = answers.filter(({ status }) => status >= 500).map(({ text }) => text);
        expect(faults).toEqual([]);
      }),
      { numRuns: runs },
    );
    expect(server.logs).toEqual([]);
  });
}

test("selectors however strange are read or refused", () => {
  const letters = fc.constantFrom(
    "a",
    "b/c",
    " in ",
    " notin ",
    "(",
    ")",
    ",",
    "=",
    "!",
    "!=",
    "==",
    ">",
    "<",
    " ",
    "\\",
    "é",
    "1",
  );
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 12 }), (parts) => {
      for (const parse of [parseLabelSelector, parseFieldSelector]) {
        try {
          parse(parts.join(""));
        } catch (error) {
          expect(error).toBeInstanceOf(SelectorError);
        }
      }
    }),
    { numRuns: 20 * runs },
  );
});

test("what every JavaScript object has is no entry of a table", async () => {
  for (const word of ["toString", "constructor", "__proto__", "hasOwnProperty"]) {
    const metadata = { name: `s-${word.toLowerCase().replaceAll("_", "")}` };
    const secret = { apiVersion: "v1", kind: "Secret", metadata, type: word, data: { [word]: "" } };
    expect(
      (await server.call("POST", "/api/v1/namespaces/default/secrets", { body: secret })).status,
    ).toBeLessThan(500);
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: { priorityClassName: word, containers: [{ name: "main", image: "x" }] },
    };
    const refused = await server.call("POST", "/api/v1/namespaces/default/pods", { body: pod });
    expect([403, 422]).toContain(refused.status);
    const contentType = `application/${word}`;
    const patched = await server.call("PATCH", "/api/v1/namespaces/default", {
      body: {},
      headers: { "content-type": contentType },
    });
    expect(patched.status).toBe(415);
  }
});
