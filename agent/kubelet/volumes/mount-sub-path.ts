import type { V1VolumeMount } from "../../../supervisor/api/generated/types.ts";
import { ContainerStartError } from "../containers/container-start-error.ts";
import { expandVariables } from "../containers/expand-variables.ts";

/**
 * The path below the volume that is mounted, with variables expanded; the empty text for the whole volume. Throws
 * {@link ContainerStartError} in the words of the kubelet's `makeMounts`.
 */
export function mountSubPath(
  { subPath = "", subPathExpr }: V1VolumeMount,
  environment: ReadonlyMap<string, string>,
): string {
  const path = subPathExpr ? expandStrictly(subPathExpr, environment) : subPath;
  if (path.startsWith("/")) throw configError(`error SubPath \`${path}\` must not be an absolute path`);
  if (path.split("/").includes("..")) {
    throw configError(`unable to provision SubPath \`${path}\`: must not contain '..'`);
  }
  return path;
}

/** A variable that is not there, or empty, would mount another folder than was meant. */
function expandStrictly(text: string, environment: ReadonlyMap<string, string>): string {
  const missing = new Set<string>();
  const references = text.replaceAll("$$", "").matchAll(/\$\(([^)]*)\)/g);
  for (const [, name = ""] of references) if (!environment.get(name)) missing.add(name);
  if (missing.size > 0) throw configError(`missing value for ${[...missing].sort().join(", ")}`);
  return expandVariables(text, environment);
}

function configError(text: string): ContainerStartError {
  return new ContainerStartError("CreateContainerConfigError", text);
}
