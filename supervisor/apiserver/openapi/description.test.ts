import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import type { JsonValue } from "../../apimachinery/json/json-value.ts";
import { resourceDefinitions } from "../../registry/resource-definitions.ts";
import type { Backend } from "../../storage/backend.ts";
import { ResourceIndex } from "../resource-index.ts";
import { buildDocument, type Subject } from "./build-document.ts";

/** The official description of the API, beside the tree on machines that check against it. */
const description = process.env.PACIFIC_API_DESCRIPTION ?? "";
const isThere = description !== "" && existsSync(description);
const reason = isThere ? "" : " (PACIFIC_API_DESCRIPTION names no description)";

// biome-ignore lint/suspicious/noExplicitAny: documents are looked into everywhere
type Document = any;

/** What is the same whatever the order and the features that are off; texts count for models alone. */
function essence(value: Document, withTexts: boolean): Document {
  if (Array.isArray(value)) {
    const items = value
      .filter((item) => typeof item !== "string" || !item.includes("cbor"))
      .map((item) => essence(item, withTexts));
    return items.every((item) => typeof item === "string") ? items.toSorted() : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const isText = (name: string, inner: Document) => name === "description" && typeof inner === "string";
  const kept = Object.entries(value).filter(
    ([name, inner]) => name !== "enum" && (withTexts || !isText(name, inner)),
  );
  return Object.fromEntries(kept.toSorted().map(([name, inner]) => [name, essence(inner, withTexts)]));
}

/** A path's item with the parameters that it refers to. */
function resolved(document: Document, item: Document): Document {
  return JSON.parse(JSON.stringify(item), (_, value: Document) => {
    const name = typeof value?.$ref === "string" ? /^#\/parameters\/(.*)$/.exec(value.$ref)?.[1] : undefined;
    return name === undefined ? value : document.parameters[name];
  });
}

async function ourDocument(): Promise<Document> {
  // Nothing is read of it.
  const index = new ResourceIndex(resourceDefinitions, {} as Backend);
  const subjects: Subject[] = [
    { type: "versions" },
    { type: "groups" },
    { type: "version" },
    { type: "issuer" },
    { type: "issuerKeys" },
    ...index.groups
      .map(({ group }) => ({ type: "group", group }) as const)
      .filter(({ group }) => group !== ""),
    ...index.groupVersions.map((groupVersion) => ({ type: "groupVersion", groupVersion }) as const),
  ];
  return JSON.parse(JSON.stringify(await buildDocument("v2", index.groups, subjects)));
}

/** Kinds that every group version has, those that are off upstream among them. */
const everywhere = /\.(?:DeleteOptions|WatchEvent)$/;

test.skipIf(!isThere)(`the description of the API is upstream's in all that it says${reason}`, async () => {
  const official: Document = JSON.parse(readFileSync(description, "utf8"));
  const ours = await ourDocument();
  const differences: string[] = [];
  const compare = (what: string, left: JsonValue, right: JsonValue): void => {
    const withTexts = left !== null && typeof left === "object" && "properties" in left;
    if (!Bun.deepEquals(essence(left, withTexts), essence(right, withTexts))) differences.push(what);
  };
  for (const [name, definition] of Object.entries<Document>(ours.definitions)) {
    const theirs = { ...official.definitions[name] };
    if (everywhere.test(name))
      theirs["x-kubernetes-group-version-kind"] = definition["x-kubernetes-group-version-kind"];
    compare(name, definition, theirs);
  }
  for (const [path, item] of Object.entries<Document>(ours.paths)) {
    const theirs = official.paths[path];
    if (theirs === undefined) differences.push(`${path} is too much`);
    else compare(path, resolved(ours, item), resolved(official, theirs));
  }
  expect(differences).toEqual([]);
});
