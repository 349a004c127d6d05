/** The static types of CEL expressions (cel-spec, "Gradual type checking"). */
export type PrimitiveKind =
  | "dyn"
  | "error"
  | "null"
  | "bool"
  | "int"
  | "uint"
  | "double"
  | "string"
  | "bytes"
  | "timestamp"
  | "duration";

export type CelType =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: "list"; readonly element: CelType }
  | { readonly kind: "map"; readonly key: CelType; readonly value: CelType }
  | { readonly kind: "optional"; readonly element: CelType }
  | { readonly kind: "type"; readonly of: CelType }
  /** A type known by name: of a schema, or of a library such as `kubernetes.URL`. */
  | { readonly kind: "object"; readonly name: string }
  | { readonly kind: "param"; readonly name: string };

function primitive(kind: PrimitiveKind): CelType {
  return { kind };
}

export const dynType = primitive("dyn");
export const errorType = primitive("error");
export const nullType = primitive("null");
export const boolType = primitive("bool");
export const intType = primitive("int");
export const uintType = primitive("uint");
export const doubleType = primitive("double");
export const stringType = primitive("string");
export const bytesType = primitive("bytes");
export const timestampType = primitive("timestamp");
export const durationType = primitive("duration");

export function listType(element: CelType): CelType {
  return { kind: "list", element };
}

export function mapType(key: CelType, value: CelType): CelType {
  return { kind: "map", key, value };
}

export function optionalType(element: CelType): CelType {
  return { kind: "optional", element };
}

export function objectType(name: string): CelType {
  return { kind: "object", name };
}

/** How a checker's error names a type: `map(string, int)`. */
export function typeText(type: CelType): string {
  switch (type.kind) {
    case "list":
      return `list(${typeText(type.element)})`;
    case "map":
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case "optional":
      return `optional_type(${typeText(type.element)})`;
    case "type":
      return `type(${typeText(type.of)})`;
    case "object":
    case "param":
      return type.name;
    case "error":
      return "!error!";
    default:
      return type.kind;
  }
}

const declaredNames: Readonly<Record<string, string>> = {
  null: "null_type",
  timestamp: "google.protobuf.Timestamp",
  duration: "google.protobuf.Duration",
};

/** How a value's type is named at run time, and where an expression has the wrong one: `google.protobuf.Timestamp`. */
export function declaredTypeText(type: CelType): string {
  switch (type.kind) {
    case "list":
      return `list(${declaredTypeText(type.element)})`;
    case "map":
      return `map(${declaredTypeText(type.key)}, ${declaredTypeText(type.value)})`;
    case "optional":
      return `optional_type(${declaredTypeText(type.element)})`;
    case "type":
      return `type(${declaredTypeText(type.of)})`;
    default:
      return declaredNames[type.kind] ?? typeText(type);
  }
}

export function equalTypes(left: CelType, right: CelType): boolean {
  if (left === right) return true;
  switch (left.kind) {
    case "list":
      return right.kind === "list" && equalTypes(left.element, right.element);
    case "optional":
      return right.kind === "optional" && equalTypes(left.element, right.element);
    case "map":
      return right.kind === "map" && equalTypes(left.key, right.key) && equalTypes(left.value, right.value);
    case "type":
      return right.kind === "type" && equalTypes(left.of, right.of);
    case "object":
    case "param":
      return right.kind === left.kind && right.name === left.name;
    default:
      return left.kind === right.kind;
  }
}
