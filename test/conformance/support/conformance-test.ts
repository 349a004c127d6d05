import { test } from "bun:test";
import { findKubectl } from "../../framework/kubectl.ts";

/** Only for what hangs. */
const timeoutMs = 600_000;

/** A test of one behaviour; `name` is the behaviour's exact name, which `test/style` looks for. */
export function conformanceTest(name: string, check: () => Promise<void>): void {
  test(name, check, timeoutMs);
}

/** A {@link conformanceTest} that drives the real kubectl. */
export function kubectlTest(name: string, check: () => Promise<void>): void {
  if (findKubectl("v36") !== undefined) conformanceTest(name, check);
  else test.skip(`${name} (dist/test-tools has no kubectl v36: run ./install.sh test-tools)`, check);
}
