import { messageOf } from "../errors.ts";
import { UsageError } from "./usage-error.ts";

/** One setting of a mode: a flag `--name VALUE`, a variable, a key of the configuration file. */
export interface Setting {
  /** In kebab-case, without dashes in front. */
  readonly name: string;
  /** What stands for the value in the help: `PATH`, `HOST:PORT`, …. */
  readonly value: string;
  readonly description: string;
  /** Absent for a setting that may be left out. */
  readonly default?: string;
  /** Throws an error that says what was expected. */
  readonly check?: (text: string) => void;
}

export interface SettingSources {
  /** By the setting's name; as given on the command line. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The mode's section of the configuration file, and the file's path for messages. */
  readonly file: { readonly path: string; readonly section: Readonly<Record<string, unknown>> };
}

export type ModeName = "supervisor" | "host";

/**
 * Finds each setting's value: its flag's, else its variable's (`PACIFIC_HOST_NODE_NAME`), else its key's in the file,
 * else the default. Empty variables count as absent. Throws a {@link UsageError} that names value and source.
 */
export function resolveSettings(
  mode: ModeName,
  settings: readonly Setting[],
  sources: SettingSources,
): Readonly<Record<string, string>> {
  const { path, section } = sources.file;
  const unknown = Object.keys(section).find((key) => !settings.some((setting) => setting.name === key));
  if (unknown !== undefined) {
    const names = settings.map((setting) => setting.name).join(", ");
    throw new UsageError(
      `${path} has an unknown key ${JSON.stringify(unknown)} under "${mode}": expected one of ${names}`,
    );
  }
  const values: Record<string, string> = {};
  for (const setting of settings) {
    const found = find(mode, setting, sources);
    if (found === undefined) continue;
    checkValue(setting, found);
    values[setting.name] = found.text;
  }
  return values;
}

/** The variable of a setting: `PACIFIC_SUPERVISOR_DATA_DIR`. */
function variableName(mode: ModeName, setting: string): string {
  return `PACIFIC_${mode}_${setting}`.toUpperCase().replaceAll("-", "_");
}

interface Found {
  readonly text: string;
  /** Where it is from, for messages. */
  readonly source: string;
}

function find(
  mode: ModeName,
  { name, default: preset }: Setting,
  sources: SettingSources,
): Found | undefined {
  const flag = sources.flags[name];
  if (flag !== undefined) return { text: flag, source: `--${name}` };
  const variable = variableName(mode, name);
  const value = sources.environment[variable];
  if (value) return { text: value, source: variable };
  const key = sources.file.section[name];
  if (key !== undefined && key !== null)
    return { text: keyText(key), source: `${name} in ${sources.file.path}` };
  return preset === undefined ? undefined : { text: preset, source: `the default of --${name}` };
}

function keyText(value: unknown): string {
  return Array.isArray(value) ? value.join(",") : String(value);
}

function checkValue({ check }: Setting, { text, source }: Found): void {
  try {
    check?.(text);
  } catch (error) {
    const why = messageOf(error);
    throw new UsageError(`${source} is ${JSON.stringify(text)}: ${why}`, { cause: error });
  }
}
