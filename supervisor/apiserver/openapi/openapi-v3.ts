/**
 * OpenAPI v3, a document a group version: what kubectl asks before it leaves validation to the server, and the models
 * with their merge keys.
 */
import { createHash } from "node:crypto";
import { apiSchemas } from "../../api/schema-set.ts";
import { goStructName } from "../../apimachinery/schema/go-types.ts";
import type { FieldSchema, ScalarType, TypeSchema } from "../../apimachinery/schema/schema.ts";
import { apiVersionOf, type ResourceDefinition } from "../../registry/resource-definition.ts";
import type { GroupVersion, ResourceIndex } from "../resource-index.ts";

const scalars: Readonly<Record<ScalarType, object>> = {
  string: { type: "string" },
  bytes: { type: "string", format: "byte" },
  bool: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  double: { type: "number", format: "double" },
  time: { type: "string", format: "date-time" },
  microTime: { type: "string", format: "date-time" },
  quantity: { oneOf: [{ type: "string" }, { type: "number" }] },
  intOrString: { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
  any: {},
};

/** `v1.PodSpec` for the model `V1PodSpec`, `corev1.Event` for `CoreV1Event`: what kubectl shows is the last part. */
function schemaName(model: string): string {
  const name = goStructName(model);
  return `${model.slice(0, model.length - name.length).toLowerCase()}.${name}`;
}

function typeDocument(type: TypeSchema): object {
  switch (type.kind) {
    case "scalar":
      return scalars[type.scalar];
    case "list":
      return { type: "array", items: typeDocument(type.items) };
    case "map":
      return { type: "object", additionalProperties: typeDocument(type.values) };
    case "object":
      // As upstream writes it, which kubectl explain relies on.
      return { allOf: [{ $ref: `#/components/schemas/${schemaName(type.model)}` }] };
  }
}

function fieldDocument(field: FieldSchema): object {
  if (field.mergeKey === undefined) return typeDocument(field.type);
  const strategy = field.retainKeys ? "merge,retainKeys" : "merge";
  return {
    ...typeDocument(field.type),
    "x-kubernetes-patch-strategy": strategy,
    ...(field.mergeKey === "" ? {} : { "x-kubernetes-patch-merge-key": field.mergeKey }),
  };
}

function modelOf(type: TypeSchema): string | undefined {
  if (type.kind === "object") return type.model;
  if (type.kind === "list") return modelOf(type.items);
  return type.kind === "map" ? modelOf(type.values) : undefined;
}

/** Adds a model and all that it is made of. */
function addModel(model: string, schemas: Map<string, object>): void {
  if (schemas.has(schemaName(model))) return;
  const fields = Array.from(apiSchemas.get(model).fields.values());
  const required = fields.filter((field) => field.required).map(({ name }) => name);
  schemas.set(schemaName(model), {
    type: "object",
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldDocument(field)])),
    ...(required.length === 0 ? {} : { required }),
  });
  for (const field of fields) {
    const inner = modelOf(field.type);
    if (inner !== undefined) addModel(inner, schemas);
  }
}

const writeParameters = ["dryRun", "fieldManager", "fieldValidation"].map((name) => ({
  name,
  in: "query",
  schema: { type: "string", uniqueItems: true },
}));

function operation(definition: ResourceDefinition, action: string): object {
  const { group, version, kind, model } = definition;
  const content = { "application/json": { schema: { $ref: `#/components/schemas/${schemaName(model)}` } } };
  return {
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": { group, version, kind },
    ...(action === "get" || action === "list" ? {} : { parameters: writeParameters }),
    responses: { "200": { description: "OK", content } },
  };
}

function paths(definition: ResourceDefinition): Readonly<Record<string, object>> {
  const { group, version, resource, namespaced } = definition;
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const collection = namespaced ? `${root}/namespaces/{namespace}/${resource}` : `${root}/${resource}`;
  return {
    [collection]: { get: operation(definition, "list"), post: operation(definition, "post") },
    [`${collection}/{name}`]: {
      get: operation(definition, "get"),
      put: operation(definition, "put"),
      patch: operation(definition, "patch"),
      delete: operation(definition, "delete"),
    },
  };
}

function buildDocument({ definitions }: GroupVersion): object {
  const schemas = new Map<string, object>();
  for (const { group, version, kind, model } of definitions) {
    addModel(model, schemas);
    const name = schemaName(model);
    const kinds = [{ group, version, kind }];
    schemas.set(name, { ...schemas.get(name), "x-kubernetes-group-version-kind": kinds });
  }
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "v1.36.0" },
    paths: Object.assign({}, ...definitions.map(paths)),
    components: { schemas: Object.fromEntries(schemas) },
  };
}

/** Made when first asked for: most servers are never asked. */
const documents = new WeakMap<GroupVersion, object>();

function documentOf(groupVersion: GroupVersion): object {
  const document = documents.get(groupVersion) ?? buildDocument(groupVersion);
  documents.set(groupVersion, document);
  return document;
}

function pathOf({ group, version }: GroupVersion): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}

/** `/openapi/v3`: where each group version's document is; the hash tells when it has changed. */
export function openApiIndex(index: ResourceIndex): object {
  const entries = index.groupVersions.map((groupVersion) => {
    const names = groupVersion.definitions.map(
      (definition) => `${apiVersionOf(definition)}/${definition.resource}`,
    );
    const hash = createHash("sha256").update(names.join()).digest("hex").toUpperCase();
    const path = pathOf(groupVersion);
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }] as const;
  });
  return { paths: Object.fromEntries(entries) };
}

/** One group version's document; undefined for no such version. */
export function openApiDocument(index: ResourceIndex, group: string, version: string): object | undefined {
  const found = index.groupVersions.find(
    (candidate) => candidate.group === group && candidate.version === version,
  );
  return found && documentOf(found);
}
