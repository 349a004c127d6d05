/** Whether an applied configuration fits its type, in the words of structured-merge-diff (`typed/validate.go`). */
import { goValue } from "../json/go-value.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import {
  entryType,
  formOf,
  type MergeList,
  type MergeMap,
  type MergeType,
  type ScalarForm,
} from "./merge-type.ts";
import { displayElement, fieldElement, itemElement, PathElementError } from "./path-element.ts";

function goType(value: JsonValue): string {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  return Array.isArray(value) ? "[]interface {}" : "map[string]interface {}";
}

function scalarComplaint(scalar: ScalarForm, value: JsonValue): string | undefined {
  const kind = typeof value;
  if (scalar === "numeric" && kind !== "number") {
    return `expected numeric (int or float), got ${goType(value)}`;
  }
  if (scalar === "string" && kind !== "string") {
    return `expected string, got &value.valueUnstructured{Value:${kind === "object" ? goType(value) : goValue(value)}}`;
  }
  if (scalar === "boolean" && kind !== "boolean") return `expected boolean, got ${goValue(value)}`;
  if (scalar === "untyped" && kind === "object") return `expected any scalar, got ${goValue(value)}`;
  return undefined;
}

class ConfigValidator {
  readonly complaints: string[] = [];

  complain(path: string, message: string): void {
    this.complaints.push(path === "" ? message : `${path}: ${message}`);
  }

  value(type: MergeType, value: JsonValue, path: string): void {
    if (value === null) return;
    const form = formOf(value);
    if (form === "map" && type.map !== undefined && isJsonObject(value)) this.map(type.map, value, path);
    else if (form === "list" && type.list !== undefined && Array.isArray(value))
      this.list(type.list, value, path);
    else if (type.map !== undefined && (form !== "scalar" || type.scalar === undefined))
      this.complain(path, `expected map, got &{${goValue(value)}}`);
    else if (type.scalar !== undefined) {
      const complaint = scalarComplaint(type.scalar, value);
      if (complaint !== undefined) this.complain(path, complaint);
    } else this.complain(path, `expected list, got &{${goValue(value)}}`);
  }

  map(map: MergeMap, value: JsonObject, path: string): void {
    for (const name of Object.keys(value)) {
      const field = value[name];
      if (field === undefined) continue;
      const type = entryType(map, name);
      const place = path + displayElement(fieldElement(name));
      if (type === undefined) this.complain(place, "field not declared in schema");
      else this.value(type, field, place);
    }
  }

  list(list: MergeList, items: readonly JsonValue[], path: string): void {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      let place = `[${index}]`;
      if (list.type !== "atomic") {
        try {
          const element = itemElement(list, item);
          place = displayElement(element);
          if (seen.has(element)) this.complain(path, `duplicate entries for key ${place}`);
          seen.add(element);
        } catch (error) {
          if (!(error instanceof PathElementError)) throw error;
          this.complain(path, `element ${index}: ${error.message}`);
          return;
        }
      }
      this.value(list.items, item, path + place);
    }
  }
}

/** What is wrong with a configuration, as one text; undefined where nothing is. */
export function configComplaint(type: MergeType, config: JsonObject): string | undefined {
  const validator = new ConfigValidator();
  validator.value(type, config, "");
  const { complaints } = validator;
  if (complaints.length < 2) return complaints[0];
  return ["errors:", ...complaints.map((complaint) => `  ${complaint}`)].join("\n");
}
