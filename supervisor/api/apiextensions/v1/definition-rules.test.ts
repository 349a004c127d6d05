import { expect, test } from "bun:test";
import type { V1CustomResourceDefinition } from "../../generated/types.ts";
import { definitionRules } from "./definition-rules.ts";

type Schema = Record<string, unknown>;

function errorsOf(schema: Schema, version: object = {}, spec: object = {}): readonly string[] {
  const definition = {
    metadata: { name: "as.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "as", kind: "A" },
      versions: [
        { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version },
      ],
      ...spec,
    },
    status: { storedVersions: ["v1"] },
    // The rules fill in the rest.
  } as V1CustomResourceDefinition & { metadata: { name: string } };
  definitionRules.setDefinitionDefaults(structuredClone(definition) as never);
  definitionRules.setDefinitionDefaults(definition as never);
  return definitionRules.validateDefinition(definition).map(({ field, body }) => `${field}: ${body}`);
}

const root = "spec.validation.openAPIV3Schema";

function withSpec(spec: Schema): Schema {
  return { type: "object", properties: { spec } };
}

test("what is right has no errors", () => {
  const list = { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"] };
  const items = { type: "object", required: ["a"], properties: { a: { type: "string" } } };
  expect(errorsOf(withSpec({ type: "object", properties: { list: { ...list, items } } }))).toEqual([]);
});

test("schemas must be structural", () => {
  expect(errorsOf(withSpec({}))).toEqual([
    `${root}.properties[spec].type: Required value: must not be empty for specified object fields`,
  ]);
  expect(errorsOf({ type: "string" })).toEqual([
    `${root}.type: Invalid value: "string": must be object at the root`,
  ]);
  const anyOf = [{ properties: { b: { type: "string" } } }];
  expect(errorsOf({ type: "object", anyOf })).toEqual([
    `${root}.anyOf[0].properties[b].type: Forbidden: must be empty to be structural`,
    `${root}.properties[b]: Required value: because it is defined in ${root}.anyOf[0].properties[b]`,
  ]);
});

test("defaults are values of their schema", () => {
  const property = { type: "integer", maximum: 3, default: 5 };
  expect(errorsOf(withSpec({ type: "object", properties: { a: property } }))).toEqual([
    `${root}.properties[spec].properties[a].default: Invalid value: 5:  in body should be less than or equal to 3`,
  ]);
  expect(errorsOf(withSpec({ type: "object", properties: {}, default: { more: 1 } }))).toEqual([
    `${root}.properties[spec].default: Invalid value: {"more":1}: must not have unknown fields`,
  ]);
});

test("lists, columns, subresources and names are checked", () => {
  const list = { type: "array", items: { type: "object" }, "x-kubernetes-list-type": "map" };
  expect(errorsOf(withSpec({ type: "object", properties: { list } }))).toEqual([
    `${root}.properties[spec].properties[list].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
  ]);
  const version = {
    additionalPrinterColumns: [{ name: "", type: "text", jsonPath: "a" }],
    subresources: { scale: { specReplicasPath: ".a", statusReplicasPath: "" } },
  };
  expect(errorsOf({ type: "object" }, version)).toEqual([
    'spec.subresources.scale.specReplicasPath: Invalid value: ".a": should be a json path under .spec',
    "spec.subresources.scale.statusReplicasPath: Required value",
    "spec.additionalPrinterColumns[0].name: Required value",
    'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
    'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "a": must be a simple json path starting with .',
  ]);
  const errors = errorsOf({ type: "object" }, {}, { group: "example", names: { plural: "bs", kind: "B" } });
  expect(errors).toEqual([
    'metadata.name: Invalid value: "as.example.com": must be spec.names.plural+"."+spec.group',
    'spec.group: Invalid value: "example": should be a domain with at least one dot',
  ]);
});

test("rules, conversion and versions are checked", () => {
  const rules = [{ rule: " ", reason: "Because" }];
  expect(errorsOf({ type: "object", "x-kubernetes-validations": rules })).toEqual([
    `${root}.x-kubernetes-validations[0].rule: Required value: rule is not specified`,
    `${root}.x-kubernetes-validations[0].reason: Unsupported value: "Because": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
  ]);
  const wrong = [
    { rule: "self.foo" },
    { rule: "1", messageExpression: "2" },
    { rule: "true", optionalOldSelf: true },
  ];
  expect(errorsOf({ type: "object", properties: {}, "x-kubernetes-validations": wrong })).toEqual([
    expect.stringContaining("compilation failed: ERROR: <input>:1:5: undefined field 'foo'"),
    expect.stringContaining("cel expression must evaluate to a bool"),
    `${root}.x-kubernetes-validations[2].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`,
  ]);
  const conversion = { strategy: "Webhook", webhook: { clientConfig: { url: "http://x" } } };
  expect(errorsOf({ type: "object" }, { name: "V1", storage: false }, { conversion })).toEqual([
    expect.stringContaining('spec.versions[0].name: Invalid value: "V1": a DNS-1035 label'),
    expect.stringContaining("must have exactly one version marked as storage version"),
    "spec.conversion.webhookClientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]",
    "spec.conversion.conversionReviewVersions: Required value",
    expect.stringContaining("status.storedVersions[0]"),
  ]);
});

test("warnings of deprecation are of printable characters, counted in bytes", () => {
  const warned = (deprecationWarning: string, deprecated = true) =>
    errorsOf({ type: "object" }, { deprecated, deprecationWarning }).map((error) =>
      error.slice(error.lastIndexOf(": ") + 2),
    );
  expect(warned("use v2, ö €")).toEqual([]);
  expect(warned("v2", false)).toEqual(["can only be set for deprecated versions"]);
  expect(warned("")).toEqual(["must not be an empty string"]);
  expect(warned(`€\u00a0${"x".repeat(256)}`)).toEqual([
    "must be <= 256 characters long",
    "must only contain printable UTF-8 characters; non-printable character found at index 3",
  ]);
});

test("selectable fields that name no field are not counted", () => {
  const selectableFields = Array.from({ length: 9 }, () => ({ jsonPath: ".spec.b" }));
  const errors = errorsOf(withSpec({ type: "object" }), { selectableFields });
  expect(errors).toHaveLength(9);
  expect(errors.filter((error) => !error.includes("is an invalid path"))).toEqual([]);
});

test("an established definition's CA bundle is one, or stays none", () => {
  const updated = (before: string, after: string) => {
    const withBundle = (caBundle: string) =>
      ({
        metadata: { name: "as.example.com" },
        spec: {
          group: "example.com",
          scope: "Namespaced",
          names: { plural: "as", kind: "A" },
          versions: [
            { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } },
          ],
          conversion: {
            strategy: "Webhook",
            webhook: { clientConfig: { url: "https://x", caBundle }, conversionReviewVersions: ["v1"] },
          },
        },
        status: { storedVersions: ["v1"], conditions: [{ type: "Established", status: "True" }] },
        // The rules fill in the rest.
      }) as never;
    const [old, definition] = [withBundle(before), withBundle(after)];
    for (const object of [old, definition]) definitionRules.setDefinitionDefaults(object);
    return definitionRules.validateDefinitionUpdate(definition, old).map(({ field }) => field);
  };
  expect(updated("Cg==", "Cg==")).toEqual([]);
  expect(updated("", "Cg==")).toEqual(["spec.conversion.webhookClientConfig.caBundle"]);
});
