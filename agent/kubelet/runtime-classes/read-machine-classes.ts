import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { quantityMillis, quantityValue } from "../../../supervisor/apimachinery/quantity.ts";
import { isFileMissing, messageOf } from "../../../supervisor/base/errors.ts";
import { asObject, asText, type JsonObject } from "../../images/json-shape.ts";
import { guestKernelOf } from "../../runtime/crx/guest-image.ts";
import { builtInClasses, type MachineClass, type MachineClasses } from "./machine-class.ts";

/**
 * Reads the file of machine classes: under `classes`, by the handler that RuntimeClasses name, `cpu` and `memory` that
 * a machine has at least, and `guest`, a folder as `host-images/build.sh` makes it. An absent file adds nothing to the
 * built-in ones. Throws, naming the file and the key, for what is not so.
 */
export async function readMachineClasses(path: string): Promise<MachineClasses> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isFileMissing(error)) return builtInClasses;
    throw new Error(`Cannot read the machine classes in ${path}: ${messageOf(error)}`, { cause: error });
  }
  try {
    const { classes, ...others } = section(parse(text) ?? {}, "the file");
    only(others, [], "the file");
    const all = new Map(builtInClasses);
    for (const [handler, value] of Object.entries(section(classes ?? {}, "classes"))) {
      const key = `classes.${handler}`;
      if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(handler)) {
        throw new Error(`${key} is no handler: expected small letters, digits and dashes`);
      }
      all.set(handler, await classOf(section(value ?? {}, key), key));
    }
    return all;
  } catch (error) {
    throw new Error(`The machine classes in ${path} are not understood: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function classOf(value: JsonObject, key: string): Promise<MachineClass> {
  const { cpu, memory, guest, ...others } = value;
  only(others, ["cpu", "memory", "guest"], key);
  const folder = asText(guest);
  return {
    ...(cpu !== undefined && { cpuCount: Math.ceil(amount(cpu, `${key}.cpu`, quantityMillis) / 1000) }),
    ...(memory !== undefined && { memoryBytes: amount(memory, `${key}.memory`, quantityValue) }),
    ...(folder !== undefined && { kernel: await guestKernelOf(join(folder, "manifest.json")) }),
  };
}

function amount(value: unknown, key: string, read: (quantity: string) => number): number {
  const text = String(value);
  if (/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.test(text)) return read(text);
  throw new Error(`${key} has ${JSON.stringify(value)}, expected a quantity as 4 or 2Gi`);
}

function section(value: unknown, key: string): JsonObject {
  const object = asObject(value);
  if (object === undefined) throw new Error(`${key} is no map`);
  return object;
}

function only(others: JsonObject, known: readonly string[], key: string): void {
  const [unknown] = Object.keys(others);
  if (unknown === undefined) return;
  const expected = known.length > 0 ? known.join(", ") : "classes";
  throw new Error(`${key} has the unknown key "${unknown}": expected ${expected}`);
}
