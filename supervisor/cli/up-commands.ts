import { hostname } from "node:os";
import type { Command } from "commander";
import { defaultKubeconfigPath } from "../base/config/supervisor-settings.ts";

interface UpFlags {
  readonly dataDir: string;
  readonly listen: string;
  readonly kubeconfig?: string;
  readonly nodeName: string;
  readonly network: string;
  readonly accel: string;
}

const defaultDataDir = "/var/lib/pacific";
const report = (line: string): void => void process.stdout.write(`${line}\n`);

/** Adds `up` and `down`: both modes on this machine, in the background. */
export function addUpCommands(program: Command): void {
  program
    .command("up")
    .description("start supervisor and host on this machine, on loopback, in the background")
    .option("--data-dir <PATH>", "folder that holds all state", defaultDataDir)
    .option("--listen <HOST:PORT>", "address of the API", "127.0.0.1:6443")
    .option("--kubeconfig <PATH>", "where the administrator's kubeconfig goes")
    .option("--node-name <NAME>", "name of the host's Node", hostname().toLowerCase())
    .option("--network <KIND>", "auto, or none for Pods without a network", "auto")
    .option("--accel <KIND>", "auto, kvm or tcg", "auto")
    .action(async ({ dataDir, listen, kubeconfig, nodeName, network, accel }: UpFlags) => {
      const { up } = await import("./up.ts");
      const hostFlags = ["--network", network, "--accel", accel];
      const path = kubeconfig ?? defaultKubeconfigPath(`${dataDir}/supervisor`);
      await up({ dataDir, listen, kubeconfig: path, nodeName, hostFlags }, report);
    });
  program
    .command("down")
    .description("stop what up started, with all Pods' machines; data stay")
    .option("--data-dir <PATH>", "folder that holds all state", defaultDataDir)
    .action(async ({ dataDir }: { readonly dataDir: string }) =>
      (await import("./up.ts")).down(dataDir, report),
    );
}
