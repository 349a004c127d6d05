import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, run } from "../../framework/cluster.ts";
import { findKubectl } from "../../framework/kubectl.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";

/** The real kubectl of a version and a supervisor without controllers, for the tests of the `describe` that calls this. */
export function kubectlRig(version: string) {
  const path = findKubectl(version) ?? "";
  const isThere = path !== "";
  const folder = mkdtempSync(join(tmpdir(), "pacific-kubectl-"));
  let started: TestSupervisor | undefined;

  beforeAll(async () => {
    if (isThere) started = await startTestSupervisor({ disabled: ["scheduler", "controllers"] });
  });
  afterAll(async () => {
    await started?.stop();
    rmSync(folder, { recursive: true });
  });

  const supervisor = (): TestSupervisor => {
    if (!started) throw new Error("The supervisor has not started");
    return started;
  };
  const kubectl = (...args: string[]): Promise<CommandResult> =>
    run([path, "--kubeconfig", supervisor().kubeconfigPath, "--cache-dir", join(folder, "cache"), ...args]);

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
    /** The path of a file that holds the object. */
    manifest: (name: string, content: object): string => {
      const file = join(folder, `${name}.json`);
      writeFileSync(file, JSON.stringify(content));
      return file;
    },
  };
}
