#!/usr/bin/env bun
import { Command } from "commander";
import { supervisorSettings, toSupervisorOptions } from "./supervisor/base/config/supervisor-settings.ts";
import { shutdownSignal } from "./supervisor/base/signals.ts";
import { kubernetesVersion } from "./supervisor/base/version.ts";
import { addAdminCommands } from "./supervisor/cli/admin-commands.ts";
import { addModeCommand } from "./supervisor/cli/mode-command.ts";
import { runProgram } from "./supervisor/cli/run-program.ts";

const program = new Command("pacific")
  .description("Kubernetes for plain Linux boxes, where every Pod is a virtual machine of its own")
  .version(kubernetesVersion)
  .showHelpAfterError("(pacific --help tells what there is)")
  .exitOverride();

addModeCommand(program, "supervisor", "run the control plane", supervisorSettings, async (values) => {
  const { runSupervisor } = await import("./supervisor/main.ts");
  const signal = shutdownSignal();
  await runSupervisor(toSupervisorOptions(values), signal);
  signal.throwIfAborted();
});

addAdminCommands(program);

program
  .command("check")
  .description("tell what this box has and lacks for running Pods")
  .option("--data-dir <PATH>", "the host's data directory", "/var/lib/pacific/host")
  .action(async ({ dataDir }: { readonly dataDir: string }) => {
    const { runCheck } = await import("./agent/cli/check.ts");
    if (!(await runCheck(dataDir))) process.exitCode = 1;
  });

program
  .command("version")
  .description("print the version")
  .action(() => void process.stdout.write(`${kubernetesVersion}\n`));

const exitCode = await runProgram(() => program.parseAsync());
if (exitCode !== 0) process.exitCode = exitCode;
