#!/usr/bin/env bun
import { Command } from "commander";
import { findGuestImage } from "./agent/cli/guest-image-source.ts";
import { addHostCommands, addHostSubcommands } from "./agent/cli/host-commands.ts";
import { hostSettings, toHostSettings } from "./supervisor/base/config/host-settings.ts";
import { supervisorSettings, toSupervisorOptions } from "./supervisor/base/config/supervisor-settings.ts";
import { shutdownSignal } from "./supervisor/base/signals.ts";
import { kubernetesVersion } from "./supervisor/base/version.ts";
import { addAdminCommands } from "./supervisor/cli/admin-commands.ts";
import { addModeCommand } from "./supervisor/cli/mode-command.ts";
import { runProgram } from "./supervisor/cli/run-program.ts";
import { addUpCommands } from "./supervisor/cli/up-commands.ts";
import { usageComplaint } from "./supervisor/cli/usage-complaint.ts";
import { useEngineSettings } from "./supervisor/startup/engine-settings.ts";

const program = new Command("pacific")
  .description("Kubernetes for plain Linux boxes, where every Pod is a virtual machine of its own")
  .version(kubernetesVersion)
  .configureOutput({ outputError: (text, write) => write(usageComplaint(text)) })
  .exitOverride();

addModeCommand(program, "supervisor", "run the control plane", supervisorSettings, async (values) => {
  useEngineSettings();
  const signal = shutdownSignal();
  const { runSupervisor } = await import("./supervisor/main.ts");
  await runSupervisor(toSupervisorOptions(values), signal);
  signal.throwIfAborted();
});

const host = addModeCommand(program, "host", "run Pods on this box", hostSettings, async (values) => {
  const signal = shutdownSignal();
  const { runHost } = await import("./agent/main.ts");
  await runHost({ ...toHostSettings(values), guestImage: findGuestImage() }, signal);
  signal.throwIfAborted();
});

addHostSubcommands(host);
addAdminCommands(program);
addHostCommands(program);
addUpCommands(program);

program
  .command("version")
  .description("print the version")
  .action(() => void process.stdout.write(`${kubernetesVersion}\n`));

const exitCode = await runProgram(() => program.parseAsync());
if (exitCode !== 0) process.exitCode = exitCode;
