import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type {
  V1CustomResourceColumnDefinition,
  V1CustomResourceDefinitionSpec,
  V1CustomResourceDefinitionVersion,
  V1CustomResourceSubresources,
  V1JSONSchemaProps,
  V1SelectableField,
} from "../../generated/types.ts";

/** What versions share, or one has for itself, with the path at which errors name it. */
interface Located<T> {
  readonly path: string;
  readonly value: T;
}

/** The parts of the versions, where kube-apiserver's validation finds them. */
export interface InternalSpec {
  readonly schemas: readonly Located<V1JSONSchemaProps>[];
  readonly subresources: readonly Located<V1CustomResourceSubresources>[];
  readonly columns: readonly Located<readonly V1CustomResourceColumnDefinition[]>[];
  /** With the schema of the version. */
  readonly selectableFields: readonly (Located<readonly V1SelectableField[]> & {
    readonly schema: V1JSONSchemaProps | undefined;
  })[];
}

/**
 * Puts what is the same in all versions to the top of the spec, as kube-apiserver does before it validates
 * (apiextensions `v1/conversion.go`): its errors say `spec.validation` instead of `spec.versions[0].schema`.
 */
export function internalSpec(spec: V1CustomResourceDefinitionSpec): InternalSpec {
  const { versions } = spec;
  const [first] = versions;
  const shared = <Key extends keyof V1CustomResourceDefinitionVersion>(key: Key): boolean =>
    versions.every((version) => equalJson(version[key], first?.[key]));
  const located = <Key extends keyof V1CustomResourceDefinitionVersion>(key: Key, top: string) => {
    const places = shared(key)
      ? [{ path: top, version: first }]
      : versions.map((version, index) => ({ path: `spec.versions[${index}].${key}`, version }));
    return places.flatMap(({ path, version }) => {
      const value = version?.[key];
      return version === undefined || value === undefined ? [] : [{ path, version, value }];
    });
  };
  return {
    schemas: located("schema", "spec.validation").flatMap(({ path, value }) =>
      value.openAPIV3Schema === undefined
        ? []
        : [{ path: `${path}.openAPIV3Schema`, value: value.openAPIV3Schema }],
    ),
    subresources: located("subresources", "spec.subresources"),
    columns: located("additionalPrinterColumns", "spec.additionalPrinterColumns"),
    selectableFields: located("selectableFields", "spec.selectableFields").map(
      ({ path, value, version }) => ({
        path,
        value,
        schema: version.schema?.openAPIV3Schema,
      }),
    ),
  };
}
