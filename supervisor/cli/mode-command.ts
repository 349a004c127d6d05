import type { Command } from "commander";
import { configPath, readConfigFile } from "../base/config/read-config-file.ts";
import { type ModeName, resolveSettings, type Setting } from "../base/config/resolve-settings.ts";

/** Adds a mode's command and returns it: each setting is a flag, a variable and a key of the configuration file. */
export function addModeCommand(
  program: Command,
  mode: ModeName,
  description: string,
  settings: readonly Setting[],
  run: (values: Readonly<Record<string, string>>) => Promise<void>,
): Command {
  const command = program.command(mode).description(description).allowExcessArguments(false);
  for (const { name, value, description: text, default: preset } of settings) {
    command.option(`--${name} <${value}>`, preset === undefined ? text : `${text} (default ${preset})`);
  }
  const example = `PACIFIC_${mode.toUpperCase()}_DATA_DIR`;
  command.addHelpText(
    "after",
    `\nA flag goes before its variable (--data-dir: ${example}), that before its key under "${mode}:" in /etc/pacific/config.yaml.`,
  );
  command.action(async () => {
    const flags = Object.fromEntries(
      settings.map(({ name }) => [name, command.getOptionValue(camelCase(name))]),
    );
    const file = { path: configPath, section: await readConfigFile(mode) };
    await run(resolveSettings(mode, settings, { flags, environment: process.env, file }));
  });
  return command;
}

/** Commander's own name for an option's value. */
function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
