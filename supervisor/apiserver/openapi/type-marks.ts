/** What OpenAPI tells of types beside their models: how lists and maps merge, defaults, enumerations, unions. */
import { typeFacts } from "../../api/generated/type-facts.ts";
import { goStructName } from "../../apimachinery/schema/go-types.ts";

/** The marks of a field or of a struct. */
export interface TypeMarks {
  readonly listType?: string;
  readonly listKeys?: readonly string[];
  readonly mapType?: string;
  /** The default as JSON. */
  readonly default?: string;
  readonly enum?: readonly string[];
  readonly union?: { readonly discriminator: string; readonly members: readonly string[] };
}

export interface ModelMarks {
  /** The name of its definition: `io.k8s.api.core.v1.Pod`. */
  readonly definition: string;
  readonly own: TypeMarks;
  readonly fields: ReadonlyMap<string, TypeMarks>;
}

function parseMarks(marks: readonly string[]): TypeMarks {
  const given = new Map(
    marks.map((mark) => [mark.slice(0, mark.indexOf("=")), mark.slice(mark.indexOf("=") + 1)] as const),
  );
  const [discriminator = "", members = ""] = given.get("union")?.split(":") ?? [];
  const [listType, keys, mapType, value, values] = ["list", "keys", "map", "default", "enum"].map((name) =>
    given.get(name),
  );
  return {
    ...(listType === undefined ? {} : { listType }),
    ...(keys === undefined ? {} : { listKeys: keys.split(",") }),
    ...(mapType === undefined ? {} : { mapType }),
    ...(value === undefined ? {} : { default: value.replaceAll("%20", " ") }),
    ...(values === undefined ? {} : { enum: values.split("|") }),
    ...(given.has("union") ? { union: { discriminator, members: members.split(",") } } : {}),
  };
}

function parseModel(definitionPrefix: string, model: string, table: string): ModelMarks {
  const name = model === "VersionInfo" ? "Info" : goStructName(model);
  const entries = table.split(";").flatMap((text) => {
    const [field = "", ...marks] = text.split(" ");
    return field === "" ? [] : [[field, parseMarks(marks)] as const];
  });
  const fields = new Map(entries);
  return { definition: `${definitionPrefix}.${name}`, own: fields.get("*") ?? {}, fields };
}

/** The marks of all models, by model: for making documents, not to be kept. */
export function readTypeMarks(): ReadonlyMap<string, ModelMarks> {
  return new Map(
    Object.entries(typeFacts).flatMap(([prefix, models]) =>
      Object.entries(models).map(([model, table]) => [model, parseModel(prefix, model, table)] as const),
    ),
  );
}
