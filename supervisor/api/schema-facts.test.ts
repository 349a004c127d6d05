import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import type { TypeSchema } from "../apimachinery/schema/schema.ts";
import { schemas } from "./generated/schemas.ts";
import { apiSchemas } from "./schema-set.ts";

/** The official description of the API, beside the tree on machines that check against it. */
const description = process.env.PACIFIC_API_DESCRIPTION ?? "";
const isThere = description !== "" && existsSync(description);
const reason = isThere ? "" : " (PACIFIC_API_DESCRIPTION names no description)";

interface Property {
  readonly $ref?: string;
  readonly items?: Property;
  readonly additionalProperties?: Property;
  readonly "x-kubernetes-patch-merge-key"?: string;
  readonly "x-kubernetes-patch-strategy"?: string;
}

interface Definition {
  readonly properties?: Readonly<Record<string, Property>>;
}

/** The model that stands for a definition: `V1Pod`, or `CoreV1Event` where a name is taken twice. */
function modelOf(definition: string): string | undefined {
  const parts = definition.split(".");
  const [group = "", version = "", kind = ""] = parts.slice(-3);
  const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  const names = [`${upper(group)}${upper(version)}${kind}`, `${upper(version)}${kind}`];
  return names.find((name) => name in schemas);
}

function definitions(): ReadonlyArray<readonly [string, string, Definition]> {
  const all: Readonly<Record<string, Definition>> = JSON.parse(readFileSync(description, "utf8")).definitions;
  return Object.entries(all).flatMap(([name, definition]) => {
    const model = modelOf(name);
    return model === undefined ? [] : [[name, model, definition] as const];
  });
}

function isQuantity(property: Property): boolean {
  const inner = property.items ?? property.additionalProperties ?? property;
  return inner.$ref?.endsWith("resource.Quantity") ?? false;
}

function hasQuantity(type: TypeSchema): boolean {
  if (type.kind === "list") return hasQuantity(type.items);
  if (type.kind === "map") return hasQuantity(type.values);
  return type.kind === "scalar" && type.scalar === "quantity";
}

test.skipIf(!isThere)(`our tables know every field, merge key and quantity of the API${reason}`, () => {
  const complaints: string[] = [];
  const all = definitions();
  for (const [name, model, { properties = {} }] of all) {
    const { fields } = apiSchemas.get(model);
    for (const [field, property] of Object.entries(properties)) {
      const ours = fields.get(field);
      if (ours === undefined) complaints.push(`${name}.${field} is missing`);
      else {
        const strategy = property["x-kubernetes-patch-strategy"] ?? "";
        const mergeKey = strategy.includes("merge")
          ? (property["x-kubernetes-patch-merge-key"] ?? "")
          : undefined;
        if (ours.mergeKey !== mergeKey) complaints.push(`${name}.${field} merges by ${mergeKey}`);
        if (ours.retainKeys !== strategy.includes("retainKeys"))
          complaints.push(`${name}.${field} retains keys`);
        if (hasQuantity(ours.type) !== isQuantity(property))
          complaints.push(`${name}.${field} is a quantity`);
      }
    }
    for (const field of fields.keys())
      if (!(field in properties)) complaints.push(`${name}.${field} is too much`);
  }
  expect(complaints).toEqual([]);
  expect(all.length).toBeGreaterThan(600);
});
