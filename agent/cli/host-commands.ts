import type { Command } from "commander";
import { UsageError } from "../../supervisor/base/config/usage-error.ts";
import { Logger } from "../../supervisor/base/logging.ts";
import { shutdownSignal } from "../../supervisor/base/signals.ts";
import { findGuestImage } from "./guest-image-source.ts";

interface DataDirOption {
  readonly dataDir: string;
}

const dataDirFlag = "--data-dir <PATH>";
const dataDirText = "the host's data directory";

/** Adds the commands that work on this box's host: `image` and `check`. */
export function addHostCommands(program: Command): void {
  const dataDir = defaultDataDir();
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
  addCrxCommands(program, dataDir);
  program
    .command("check")
    .description("tell what this box has and lacks for running Pods")
    .option(dataDirFlag, dataDirText, dataDir)
    .action(async (options: DataDirOption) => {
      const { runCheck } = await import("./check.ts");
      if (!(await runCheck(options.dataDir))) process.exitCode = 1;
    });
}

interface CrxRunFlags extends DataDirOption {
  readonly memory: string;
  readonly cpus: string;
  readonly tty?: boolean;
  readonly interactive?: boolean;
  readonly accel: string;
}

function addCrxCommands(program: Command, dataDir: string): void {
  const crx = program.command("crx").description("machines without a cluster");
  crx
    .command("run")
    .argument("<IMAGE>", "a name in the host's store or a registry, or an archive's path")
    .argument("[CMD...]", "in place of the image's own command, after --")
    .description("run a container in a machine of its own, and end with its exit code")
    .option("--memory <AMOUNT>", "memory of the container", "256Mi")
    .option("--cpus <NUMBER>", "processors", "1")
    .option("-i, --interactive", "pass the standard input on")
    .option("-t, --tty", "give the container a terminal")
    .option("--accel <KIND>", "auto, kvm or tcg", "auto")
    .option(dataDirFlag, dataDirText, dataDir)
    .action(
      async (
        image: string,
        command: string[],
        { tty = false, interactive = false, ...flags }: CrxRunFlags,
      ) => {
        const { crxRun } = await import("./crx-run.ts");
        const { accel, ...rest } = flags;
        process.exitCode = await crxRun({
          ...rest,
          accel: acceleratorOf(accel),
          ...{ image, command, tty, interactive },
          guestImage: findGuestImage(),
          streams: process,
          signal: shutdownSignal(),
        });
      },
    );
}

function acceleratorOf(text: string): "auto" | "kvm" | "tcg" {
  if (text === "auto" || text === "kvm" || text === "tcg") return text;
  throw new UsageError(`--accel ${text} must be one of auto, kvm, tcg`);
}

/** Adds `host clean`, which ends what a stopped host has left running, and what the host's own start needs. */
export function addHostSubcommands(host: Command): void {
  host
    .command("clean")
    .description("end the Pods' machines and network that a stopped host has left running")
    .action(async (_options: unknown, command: Command) => {
      const { cleanHost } = await import("../clean-host.ts");
      const guestImage = findGuestImage();
      const logger = new Logger("info");
      await cleanHost({ dataDir: inheritedDataDir(command), guestImage, logger }, shutdownSignal());
    });
  host.command("unpack", { hidden: true }).action(async (_options: unknown, command: Command) => {
    const { unpackGuestImage } = await import("../runtime/crx/guest-image.ts");
    await unpackGuestImage(inheritedDataDir(command), findGuestImage());
  });
}

/** The mode has a flag of this name too, and takes it wherever it stands. */
function inheritedDataDir(command: Command): string {
  return command.optsWithGlobals<Partial<DataDirOption>>().dataDir ?? defaultDataDir();
}

function defaultDataDir(): string {
  return process.env.PACIFIC_HOST_DATA_DIR || "/var/lib/pacific/host";
}

function printLines(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
}
