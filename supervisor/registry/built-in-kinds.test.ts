import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { TestApiServer } from "../../test/framework/test-api-server.ts";
import { apiVersionOf } from "./resource-definition.ts";
import { resourceDefinitions } from "./resource-definitions.ts";

let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start();
});

afterAll(() => server.close());

describe("every kind", () => {
  test("has a name of its own in its group", () => {
    const names = resourceDefinitions.map(
      (definition) => `${apiVersionOf(definition)}/${definition.resource}`,
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test("lists as objects and as a table whose rows are as wide as its columns", async () => {
    for (const definition of resourceDefinitions) {
      if (definition.isReview) continue;
      const { group, version, resource, kind } = definition;
      const path = `${group === "" ? "/api" : `/apis/${group}`}/${version}/${resource}`;
      const { status, body } = await server.call("GET", path);
      expect([path, status, body.kind]).toEqual([path, 200, `${kind}List`]);
      const empty = { kind, apiVersion: apiVersionOf(definition), metadata: { name: "x" } };
      const object = { ...empty, involvedObject: {}, regarding: {}, spec: {}, roleRef: {} };
      expect([path, definition.table.cells(object, 0).length]).toEqual([
        path,
        definition.table.columns.length,
      ]);
    }
  });
});
