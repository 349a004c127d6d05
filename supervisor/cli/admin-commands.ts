import type { Command } from "commander";
import { defaultKubeconfigPath } from "../base/config/supervisor-settings.ts";
import { UsageError } from "../base/config/usage-error.ts";
import { parseDuration } from "../base/duration.ts";
import { messageOf } from "../base/errors.ts";

interface KubeconfigOption {
  readonly kubeconfig: string;
}

const kubeconfigFlag = "--kubeconfig <PATH>";
const kubeconfigText = "the administrator's kubeconfig";

/** Adds the commands that speak with a running supervisor: `token`, `secrets-encrypt`, `kubeconfig`. */
export function addAdminCommands(program: Command): void {
  const path = process.env.PACIFIC_KUBECONFIG || defaultKubeconfigPath();
  const token = program.command("token").description("join tokens for hosts");
  token
    .command("create")
    .description("make a join token and print it")
    .option("--ttl <DURATION>", "how long it holds, such as 90m or 24h; 0 for ever", "24h")
    .option("--uses <N>", "how many hosts may join by it (any number)")
    .option(kubeconfigFlag, kubeconfigText, path)
    .action(async (options: KubeconfigOption & { readonly ttl: string; readonly uses?: string }) => {
      const uses = parseUses(options.uses);
      const { runTokenCreate } = await import("./token.ts");
      await runTokenCreate(options.kubeconfig, {
        ttlMs: parseTtl(options.ttl),
        ...(uses === undefined ? {} : { uses }),
      });
    });
  token
    .command("list")
    .description("show the join tokens, without their secrets")
    .option(kubeconfigFlag, kubeconfigText, path)
    .action(async (options: KubeconfigOption) =>
      (await import("./token.ts")).runTokenList(options.kubeconfig),
    );
  token
    .command("delete")
    .argument("<TOKEN>", "its first six characters, or all of it")
    .description("end a join token; hosts that joined by it stay")
    .option(kubeconfigFlag, kubeconfigText, path)
    .action(async (id: string, options: KubeconfigOption) =>
      (await import("./token.ts")).runTokenDelete(options.kubeconfig, id),
    );
  const encryption = program.command("secrets-encrypt").description("the encryption of stored Secrets");
  encryption
    .command("status")
    .description("show the key in use, and how many Secrets older keys are needed for")
    .option(kubeconfigFlag, kubeconfigText, path)
    .action(async (options: KubeconfigOption) =>
      (await import("./secrets-encrypt.ts")).runSecretsEncryptStatus(options.kubeconfig),
    );
  encryption
    .command("rotate-keys")
    .description("make a new key, and write every Secret anew with it")
    .option(kubeconfigFlag, kubeconfigText, path)
    .action(async (options: KubeconfigOption) =>
      (await import("./secrets-encrypt.ts")).runSecretsEncryptRotate(options.kubeconfig),
    );
  program
    .command("kubeconfig")
    .description("print the administrator's kubeconfig")
    .option(kubeconfigFlag, kubeconfigText, path)
    .option("--output <PATH>", "write it there instead, readable by you alone")
    .action(async (options: KubeconfigOption & { readonly output?: string }) =>
      (await import("./kubeconfig.ts")).runKubeconfig(options.kubeconfig, options.output),
    );
}

function parseTtl(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new UsageError(`--ttl: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function parseUses(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new UsageError(`--uses is ${JSON.stringify(text)}: expected a number from 1`);
  return Number(text);
}
