import type { Command } from "commander";
import { shutdownSignal } from "../../supervisor/base/signals.ts";

interface DataDirOption {
  readonly dataDir: string;
}

const dataDirFlag = "--data-dir <PATH>";
const dataDirText = "the host's data directory";

/** Adds the commands that work on this box's host: `image` and `check`. */
export function addHostCommands(program: Command): void {
  const dataDir = process.env.PACIFIC_HOST_DATA_DIR || "/var/lib/pacific/host";
  const image = program.command("image").description("images on this host");
  image
    .command("import")
    .argument("<FILE>", "an archive: OCI layout or docker save, plain or gzip")
    .description("import images without a registry")
    .option("--name <NAME>", "name the archive's one image so")
    .option(dataDirFlag, dataDirText, dataDir)
    .action(async (path: string, { name, ...options }: DataDirOption & { readonly name?: string }) => {
      const { imageImport } = await import("./image.ts");
      const naming = name === undefined ? {} : { name };
      const target = { ...options, ...naming, path, signal: shutdownSignal(), progress: process.stderr };
      printLines(await imageImport(target));
    });
  image
    .command("list")
    .description("show the images on this host")
    .option(dataDirFlag, dataDirText, dataDir)
    .action(async (options: DataDirOption) =>
      printLines(await (await import("./image.ts")).imageList(options)),
    );
  program
    .command("check")
    .description("tell what this box has and lacks for running Pods")
    .option(dataDirFlag, dataDirText, dataDir)
    .action(async (options: DataDirOption) => {
      const { runCheck } = await import("./check.ts");
      if (!(await runCheck(options.dataDir))) process.exitCode = 1;
    });
}

function printLines(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
}
