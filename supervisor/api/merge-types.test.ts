import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import type { MergeType } from "../apimachinery/fieldmanager/merge-type.ts";
import { schemas } from "./generated/schemas.ts";
import { builtInMergeType } from "./merge-types.ts";

/** The official description of the API, beside the tree on machines that check against it. */
const description = process.env.PACIFIC_API_DESCRIPTION ?? "";
const isThere = description !== "" && existsSync(description);
const reason = isThere ? "" : " (PACIFIC_API_DESCRIPTION names no description)";

interface Described {
  readonly $ref?: string;
  readonly type?: string;
  readonly additionalProperties?: Described;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: string;
}

const definitions: Readonly<Record<string, Described>> = isThere
  ? JSON.parse(readFileSync(description, "utf8")).definitions
  : {};

/** The model that stands for a definition: `V1Pod`, or `CoreV1Event` where a name is taken twice. */
function modelOf(definition: string): string | undefined {
  const [group = "", version = "", kind = ""] = definition.split(".").slice(-3);
  const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  const names = [`${upper(group)}${upper(version)}${kind}`, `${upper(version)}${kind}`];
  return names.find((name) => name in schemas);
}

/** How a field is said to merge, and how it does. */
function described(property: Described): string {
  const { type, $ref } = property;
  if (type === "array") {
    return [property["x-kubernetes-list-type"] ?? "atomic", ...(property["x-kubernetes-list-map-keys"] ?? [])]
      .sort()
      .join(" ");
  }
  const target = definitions[$ref?.slice("#/definitions/".length) ?? ""];
  const isMap = property.additionalProperties !== undefined || target?.properties !== undefined;
  if (!isMap) return "value";
  return property["x-kubernetes-map-type"] ?? target?.["x-kubernetes-map-type"] ?? "granular";
}

function ours({ list, map }: MergeType): string {
  if (list !== undefined) return [list.type, ...list.keys].sort().join(" ");
  return map === undefined ? "value" : map.isAtomic ? "atomic" : "granular";
}

test.skipIf(!isThere)(`every list, map and struct merges as the API describes it${reason}`, () => {
  const complaints: string[] = [];
  let count = 0;
  for (const [name, { properties = {} }] of Object.entries(definitions)) {
    const model = modelOf(name);
    if (model === undefined) continue;
    for (const [field, property] of Object.entries(properties)) {
      const type = builtInMergeType(model).map?.field(field);
      // Free JSON has all forms at once.
      if (type === undefined || (type.scalar !== undefined && type.map !== undefined)) continue;
      count++;
      const [expected, found] = [described(property), ours(type)];
      if (expected !== found) complaints.push(`${name}.${field}: ${expected}, not ${found}`);
    }
  }
  expect(complaints).toEqual([]);
  expect(count).toBeGreaterThan(3000);
});
