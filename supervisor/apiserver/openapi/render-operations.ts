/** Writes paths as v2 and v3 of OpenAPI have them. */
import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import type { OpenApiVersion, Operation, Parameter, PathItem } from "./spec-types.ts";

/** Gives the reference to a definition. */
type Refer = (definition: string) => string;

function byName(left: Parameter, right: Parameter): number {
  return left.name < right.name ? -1 : left.name > right.name ? 1 : left.in < right.in ? -1 : 1;
}

/** The parameters that all operations of a path have, which are written once; bodies are each operation's own. */
function sharedParameters(operations: readonly Operation[]): readonly Parameter[] {
  const [first, ...others] = operations.map(
    ({ parameters }) =>
      new Map(parameters.map((parameter) => [JSON.stringify(parameter), parameter] as const)),
  );
  return Array.from(first ?? [])
    .filter(([key, { in: place }]) => place !== "body" && others.every((other) => other.has(key)))
    .map(([, parameter]) => parameter);
}

function parameterV2({ definition, ...parameter }: Parameter, refer: Refer): JsonObject {
  if (definition === undefined) {
    const { type = "string", description, name, in: place, required } = parameter;
    return {
      uniqueItems: true,
      type,
      ...(description === undefined ? {} : { description }),
      name,
      in: place,
      ...(required ? { required } : {}),
    };
  }
  const required = parameter.required ? { required: true } : {};
  return { name: "body", in: "body", ...required, schema: { $ref: refer(definition) } };
}

function parameterV3({ name, in: place, description, required, type = "string" }: Parameter): JsonObject {
  return {
    name,
    in: place,
    ...(description === undefined ? {} : { description }),
    ...(required ? { required } : {}),
    schema: { type, uniqueItems: true },
  };
}

function bodySchema(definition: string, refer: Refer): JsonObject {
  return definition === "" ? { type: "string" } : { $ref: refer(definition) };
}

function marks({ action, kind }: Operation): JsonObject {
  return {
    ...(action === undefined ? {} : { "x-kubernetes-action": action }),
    ...(kind === undefined ? {} : { "x-kubernetes-group-version-kind": { ...kind } }),
  };
}

function operationV2(operation: Operation, parameters: readonly Parameter[], refer: Refer): JsonObject {
  const { description, operationId, tags, consumes, produces } = operation;
  const responses = operation.responses.map(([code, text, definition]) => {
    const schema = definition === undefined ? {} : { schema: bodySchema(definition, refer) };
    return [String(code), { description: text, ...schema }] as const;
  });
  return {
    description,
    ...(consumes === undefined ? {} : { consumes: [...consumes] }),
    ...(produces === undefined ? {} : { produces: [...produces] }),
    schemes: ["https"],
    tags: [...tags],
    operationId,
    ...(parameters.length === 0 ? {} : { parameters: parameters.map((one) => parameterV2(one, refer)) }),
    responses: Object.fromEntries(responses),
    ...marks(operation),
  };
}

function contents(types: readonly string[], definition: string, refer: Refer): JsonObject {
  return Object.fromEntries(types.map((type) => [type, { schema: bodySchema(definition, refer) }]));
}

function operationV3(operation: Operation, parameters: readonly Parameter[], refer: Refer): JsonObject {
  const { description, operationId, tags, consumes = [], produces = [] } = operation;
  const responses = operation.responses.map(([code, text, definition]) => {
    const content = definition === undefined ? {} : { content: contents(produces, definition, refer) };
    return [String(code), { description: text, ...content }] as const;
  });
  const body = parameters.find(({ definition }) => definition !== undefined);
  const others = parameters.filter((parameter) => parameter !== body);
  const required = body?.required ? { required: true } : {};
  return {
    tags: [...tags],
    description,
    operationId,
    ...(others.length === 0 ? {} : { parameters: others.map(parameterV3) }),
    ...(body?.definition === undefined
      ? {}
      : { requestBody: { content: contents(consumes, body.definition, refer), ...required } }),
    responses: Object.fromEntries(responses),
    ...marks(operation),
  };
}

export function renderPath({ operations }: PathItem, version: OpenApiVersion, refer: Refer): JsonObject {
  const shared = sharedParameters(operations);
  const keys = new Set(shared.map((parameter) => JSON.stringify(parameter)));
  const item: JsonObject = {};
  for (const operation of operations) {
    const own = operation.parameters
      .filter((parameter) => !keys.has(JSON.stringify(parameter)))
      .toSorted(byName);
    const render = version === "v2" ? operationV2 : operationV3;
    item[operation.method] = render(operation, own, refer);
  }
  if (shared.length > 0) {
    const sorted = shared.toSorted(byName);
    item.parameters = sorted.map((one) => (version === "v2" ? parameterV2(one, refer) : parameterV3(one)));
  }
  return item;
}
