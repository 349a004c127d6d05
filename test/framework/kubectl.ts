import { existsSync } from "node:fs";
import { join } from "node:path";

/** The kubectl of a version (`v36`, `v35`, `v34`) that `./install.sh test-tools` has put in place; undefined when it is absent. */
export function findKubectl(version: string): string | undefined {
  const path = join(import.meta.dir, `../../dist/test-tools/kubectl-${version}/kubectl`);
  return existsSync(path) ? path : undefined;
}

/** The helm that comes with the newest kubectl; undefined when it is absent. */
export function findHelm(): string | undefined {
  const path = join(import.meta.dir, "../../dist/test-tools/kubectl-v36/helm");
  return existsSync(path) ? path : undefined;
}
