import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { apiSchemas } from "../api/schema-set.ts";
import { cloneJson, type JsonObject } from "../apimachinery/json/json-value.ts";
import { asApiObject } from "../apimachinery/object-meta.ts";
import { decodeModel } from "../apimachinery/schema/decode.ts";
import { apiVersionOf } from "./resource-definition.ts";
import { resourceDefinitions } from "./resource-definitions.ts";

/** Objects with every field filled; beside the tree on machines that check against them. */
const fixtures = process.env.PACIFIC_API_FIXTURES ?? "";
const found = resourceDefinitions.flatMap((definition) => {
  const { group, version, kind } = definition;
  const path = `${fixtures}/${group === "" ? "core" : group}.${version}.${kind}.json`;
  return fixtures !== "" && existsSync(path) ? [{ definition, path }] : [];
});
const title = "objects with every field filled are decoded, defaulted, validated, shown and converted";

test.skipIf(found.length === 0)(
  found.length > 0 ? title : `${title} (PACIFIC_API_FIXTURES names no fixtures)`,
  () => {
    for (const { definition, path } of found) {
      const { model, kind, strategy, view, table } = definition;
      const parsed: JsonObject = JSON.parse(readFileSync(path, "utf8"));
      const { unknownFields } = decodeModel(apiSchemas, model, parsed);
      expect([kind, unknownFields]).toEqual([kind, []]);
      const object = asApiObject(parsed, kind, apiVersionOf(definition));
      strategy.setDefaults?.(object);
      const once = cloneJson(object as unknown as JsonObject);
      strategy.setDefaults?.(object);
      expect([kind, object as unknown as JsonObject]).toEqual([kind, once]);
      for (const error of strategy.validate?.(object) ?? []) expect(error.field).toBeString();
      for (const warning of strategy.warnings?.(object) ?? []) expect(warning).toBeString();
      expect(table.cells(object, 0)).toHaveLength(table.columns.length);
      if (view === undefined) continue;
      const stored = view.toStorage(object);
      expect([kind, view.toStorage(view.fromStorage(stored))]).toEqual([kind, stored]);
    }
  },
);
