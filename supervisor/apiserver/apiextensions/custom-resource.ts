/** Makes the resources that a CustomResourceDefinition defines: one of each version. */
import type { JsonObject, JsonValue } from "../../apimachinery/json/json-value.ts";
import { compileJsonPath } from "../../apimachinery/json-path.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { CustomKind, CustomVersions } from "../../registry/custom-kind.ts";
import type { ResourceDefinition, Subresource } from "../../registry/resource-definition.ts";
import { scaleSubresource, valueAtPath } from "../../registry/scale.ts";
import type { Backend } from "../../storage/backend.ts";
import { compareVersions } from "../discovery/compare-versions.ts";
import { ObjectStore } from "../storage/object-store.ts";
import { ConvertingBackend } from "./converting-backend.ts";
import { CustomStrategies, type DefinitionState } from "./custom-strategy.ts";
import { customTable } from "./custom-table.ts";
import { CustomVersion, type Definition } from "./custom-version.ts";
import { type ObjectConverter, textConverter } from "./text-converter.ts";

export interface CustomResource {
  /** The stores of the versions that are served. */
  readonly served: readonly ObjectStore[];
  /** The store in the version in which objects are stored, whether it is served or not. */
  readonly storage: ObjectStore;
  /** Ends the watches. */
  close(): void;
}

/** All keys of a resource's objects begin with this. */
export function storagePrefixOf({ spec }: Definition): string {
  return `/registry/${spec.group}/${spec.names.plural}/`;
}

/** Makes the resources of a definition whose names were accepted. */
export function customResource(
  definition: Definition,
  backend: Backend,
  converter: ObjectConverter,
  state: DefinitionState,
): CustomResource {
  const { versions } = definition.spec;
  const made = versions.map((version) => new CustomVersion(definition, version));
  const storageVersion = made.find(({ version }) => version.storage) ?? made[0];
  if (storageVersion === undefined) throw new RangeError(`${definition.metadata?.name} has no version`);
  const kinds = new Map<string, CustomKind>();
  const all: CustomVersions = {
    get: (apiVersion) => kinds.get(apiVersion),
    convert: (object, apiVersion) => convertOne(converter, object, apiVersion),
  };
  for (const version of made) {
    kinds.set(version.apiVersion, customKind(definition, version, storageVersion.name, all));
  }
  const stores = made
    .filter(({ version }) => version.served || version.storage)
    .map((version) => {
      const converting = new ConvertingBackend(backend, textConverter(version, storageVersion, converter));
      // All versions were put there above.
      const kind = kinds.get(version.apiVersion) as CustomKind;
      return new ObjectStore(versionDefinition(definition, version, kind, state), converting);
    });
  const storage = stores.find((store) => store.definition.version === storageVersion.name);
  return {
    served: stores.filter(({ definition: { version } }) =>
      versions.some((candidate) => candidate.name === version && candidate.served),
    ),
    // It was made above.
    storage: storage as ObjectStore,
    close() {
      for (const store of stores) void store.backend.close();
    },
  };
}

function convertOne(
  converter: ObjectConverter,
  object: JsonObject,
  apiVersion: string,
): JsonObject | Promise<JsonObject> {
  const first = ([made = object]: readonly JsonObject[]): JsonObject => made;
  const converted = converter.convert([object], apiVersion);
  return converted instanceof Promise ? converted.then(first) : first(converted);
}

function customKind(
  definition: Definition,
  version: CustomVersion,
  storageVersion: string,
  versions: CustomVersions,
): CustomKind {
  const { spec, status } = definition;
  const { kind, listKind = `${kind}List` } = status?.acceptedNames ?? spec.names;
  const warning = deprecationWarning(definition, version);
  const { scale } = version.version.subresources ?? {};
  return {
    schema: version.props,
    listKind,
    storageVersion,
    preservesUnknownFields: version.preservesUnknownFields,
    ...(warning === undefined ? {} : { deprecationWarning: warning }),
    decode: (object) => version.decode(object),
    ...(scale === undefined ? {} : { replicasPath: scale.specReplicasPath }),
    versions,
  };
}

function versionDefinition(
  definition: Definition,
  version: CustomVersion,
  custom: CustomKind,
  state: DefinitionState,
): ResourceDefinition {
  const { spec, status } = definition;
  const names = status?.acceptedNames ?? spec.names;
  const { plural: resource, singular = names.kind.toLowerCase() } = names;
  const { group } = spec;
  const strategies = new CustomStrategies(version, { group, resource }, state);
  return {
    group,
    version: version.name,
    resource,
    singular,
    kind: names.kind,
    namespaced: spec.scope === "Namespaced",
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    model: "",
    custom,
    storagePrefix: storagePrefixOf(definition),
    strategy: strategies.resource,
    subresources: subresourcesOf(version, strategies),
    table: customTable(version.version.additionalPrinterColumns),
    selectableFields: selectableFieldsOf(version),
  };
}

function subresourcesOf(
  version: CustomVersion,
  strategies: CustomStrategies,
): Readonly<Record<string, Subresource>> {
  const { status, scale } = version.version.subresources ?? {};
  const selectorPath = scale?.labelSelectorPath;
  return {
    ...(status === undefined ? {} : { status: { type: "part", strategy: strategies.status } as const }),
    ...(scale === undefined
      ? {}
      : {
          scale: scaleSubresource({
            specReplicasPath: scale.specReplicasPath,
            statusReplicasPath: scale.statusReplicasPath,
            specReplicasRequired: true,
            selector(object) {
              const selector = selectorPath ? valueAtPath(object, selectorPath) : "";
              return typeof selector === "string" ? selector : "";
            },
          }),
        }),
  };
}

function selectableFieldsOf({
  version,
}: CustomVersion): (object: ApiObject) => Readonly<Record<string, string>> {
  const fields = (version.selectableFields ?? []).map(({ jsonPath }) => ({
    name: jsonPath.replace(/^\./, ""),
    find: compileJsonPath(jsonPath),
  }));
  return (object) =>
    Object.fromEntries(
      fields.map(({ name, find }) => {
        // Objects are JSON.
        const [value] = find(object as unknown as JsonValue);
        return [name, value === undefined || value === null ? "" : String(value)];
      }),
    );
}

/** What clients of a deprecated version are told. */
function deprecationWarning({ spec }: Definition, { version }: CustomVersion): string | undefined {
  if (!version.deprecated) return undefined;
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const { group, names, versions } = spec;
  const better = versions
    .filter((other) => other.served && !other.deprecated)
    .map(({ name }) => ({ version: name }))
    .filter((other) => compareVersions(other, { version: version.name }) < 0)
    .sort(compareVersions)[0];
  const use = better === undefined ? "" : `; use ${group}/${better.version} ${names.kind}`;
  return `${group}/${version.name} ${names.kind} is deprecated${use}`;
}
