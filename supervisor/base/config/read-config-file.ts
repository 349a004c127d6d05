import { readFile } from "node:fs/promises";
import { isFileMissing, messageOf } from "../errors.ts";
import type { ModeName } from "./resolve-settings.ts";
import { UsageError } from "./usage-error.ts";

export const configPath = "/etc/pacific/config.yaml";

/** One mode's section of the configuration file; empty where there is none. Throws a {@link UsageError} for no YAML. */
export async function readConfigFile(
  mode: ModeName,
  path: string = configPath,
): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (isFileMissing(error)) return undefined;
    throw error;
  });
  if (text === undefined) return {};
  const { parse } = await import("yaml");
  let root: unknown;
  try {
    root = parse(text, { version: "1.1" });
  } catch (error) {
    const why = messageOf(error);
    throw new UsageError(`${path} is no YAML: ${why}`, { cause: error });
  }
  const section = asMapping(root, `${path} must hold keys "supervisor" and "host"`)[mode];
  return asMapping(section, `"${mode}" in ${path} must hold keys and values`);
}

function asMapping(value: unknown, complaint: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw new UsageError(complaint);
  // A mapping of YAML has texts as keys; its values are checked where they are read.
  return value as Readonly<Record<string, unknown>>;
}
