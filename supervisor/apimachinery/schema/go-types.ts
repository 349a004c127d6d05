import type { TypeSchema } from "./schema.ts";

/**
 * The Go names of types, which stand in kube-apiserver's decoding errors: `[]v1.Container`, `map[string]string`.
 * `aliases` names the string types that fields have there, such as `v1.DNSPolicy` for `PodSpec.dnsPolicy`.
 */
export type StringAliases = Readonly<Record<string, string>>;

/** `PodSpec` for `V1PodSpec`. */
export function goStructName(model: string): string {
  return model.replace(/^[A-Za-z]*?V\d+(?:(?:alpha|beta)\d+)?(?=[A-Z])/, "");
}

/** `v1.PodSpec` for `V1PodSpec`. */
function qualifiedStructName(model: string): string {
  const version = /V\d+(?:(?:alpha|beta)\d+)?/.exec(model)?.[0] ?? "v1";
  return `${version.toLowerCase()}.${goStructName(model)}`;
}

export function goTypeName(type: TypeSchema, alias?: string): string {
  switch (type.kind) {
    case "list":
      return `[]${goTypeName(type.items, alias)}`;
    case "map":
      return type.values.kind === "scalar" && type.values.scalar === "quantity"
        ? "v1.ResourceList"
        : `map[string]${goTypeName(type.values, alias)}`;
    case "object":
      return qualifiedStructName(type.model);
    case "scalar":
      return type.scalar === "bytes"
        ? "[]uint8"
        : type.scalar === "double"
          ? "float64"
          : (alias ?? type.scalar);
  }
}
