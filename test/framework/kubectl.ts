import { existsSync } from "node:fs";
import { join } from "node:path";

/** The kubectl of a version (`v36`, `v35`) that `./install.sh test-tools` has put in place; undefined when it is absent. */
export function findKubectl(version: string): string | undefined {
  const path = join(import.meta.dir, `../../dist/test-tools/kubectl-${version}/kubectl`);
  return existsSync(path) ? path : undefined;
}
