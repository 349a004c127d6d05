import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, run } from "../../framework/cluster.ts";
import { findKubectl } from "../../framework/kubectl.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";

export interface KubectlRigOptions {
  /** What the supervisor does without: its controllers too, unless they are wanted. */
  readonly disabled?: readonly string[];
  /** Variables for kubectl. */
  readonly env?: Readonly<Record<string, string>>;
  /** A kubectl that is none of `./install.sh test-tools`. */
  readonly path?: string;
}

/** The real kubectl of a version and a supervisor, for the tests of the file or the `describe` that calls this. */
export function kubectlRig(version: string, options: KubectlRigOptions = {}) {
  const { disabled = ["scheduler", "controllers"], env = {}, path = findKubectl(version) ?? "" } = options;
  const isThere = path !== "";
  const folder = mkdtempSync(join(tmpdir(), "pacific-kubectl-"));
  let started: TestSupervisor | undefined;

  beforeAll(async () => {
    if (isThere) started = await startTestSupervisor({ disabled });
  });
  afterAll(async () => {
    await started?.stop();
    rmSync(folder, { recursive: true });
  });

  const supervisor = (): TestSupervisor => {
    if (!started) throw new Error("The supervisor has not started");
    return started;
  };
  const kubectl = (...args: string[]): Promise<CommandResult> => {
    const flags = ["--kubeconfig", supervisor().kubeconfigPath, "--cache-dir", join(folder, "cache")];
    // Completion has the words of a command line behind it.
    const [completion, words] = args[0] === "__complete" ? [["__complete"], args.slice(1)] : [[], args];
    return run([path, ...completion, ...flags, ...words], { env });
  };

  return {
    folder,
    path,
    supervisor,
    kubectl,
    /** A test, which is skipped where this kubectl is not there; why stands at the end of its title. */
    check: isThere ? test : test.skip,
    reason: isThere ? "" : ` (dist/test-tools has no kubectl ${version}: run ./install.sh test-tools)`,
    /** What a command says; it must succeed and warn of nothing. */
    says: async (...args: string[]): Promise<string> => {
      const result = await kubectl(...args);
      expect(result).toMatchObject({ code: 0, stderr: "" });
      return result.stdout;
    },
    /** What a command says, beside warnings; it must succeed. */
    prints: async (...args: string[]): Promise<string> => {
      const result = await kubectl(...args);
      expect(result).toMatchObject({ code: 0 });
      return result.stdout;
    },
    /** The path of a file that holds the object. */
    manifest: (name: string, content: object): string => {
      const file = join(folder, `${name}.json`);
      writeFileSync(file, JSON.stringify(content));
      return file;
    },
  };
}
