import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { V1Container, V1Pod, V1SeccompProfile } from "../../../supervisor/api/generated/types.ts";
import { isFileMissing, messageOf } from "../../../supervisor/base/errors.ts";
import { containerCapabilities } from "../containers/container-capabilities.ts";
import { ContainerStartError } from "../containers/container-start-error.ts";
import { compileSeccomp } from "./compile-seccomp.ts";
import { defaultSeccompProfile } from "./default-profile.ts";
import { parseSeccompProfile } from "./seccomp-profile.ts";

/** Compiles the filters of system calls that Pods ask for. Profiles of type `Localhost` are files of one folder. */
export class SeccompFilters {
  readonly #folder: string;
  readonly #byCapabilities = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The container's filter in base64; undefined where none is asked for, and for a privileged container. Throws
   * {@link ContainerStartError} for a profile that cannot be had.
   */
  filterOf(pod: V1Pod, container: V1Container): string | undefined {
    const own = container.securityContext ?? {};
    const profile = own.seccompProfile ?? pod.spec?.securityContext?.seccompProfile;
    if (!profile || own.privileged) return undefined;
    if (profile.type === "RuntimeDefault") return this.#default(container);
    return profile.type === "Localhost" ? this.#fromFile(profile) : undefined;
  }

  #default(container: V1Container): string {
    const capabilities = containerCapabilities(container);
    const key = [...capabilities].sort().join(" ");
    const known = this.#byCapabilities.get(key);
    if (known) return known;
    const made = asText(compileSeccomp(defaultSeccompProfile(capabilities)));
    this.#byCapabilities.set(key, made);
    return made;
  }

  #fromFile({ localhostProfile }: V1SeccompProfile): string {
    if (!localhostProfile) {
      const text = "localhostProfile must be set if seccompProfile type is Localhost.";
      throw new ContainerStartError("CreateContainerConfigError", text);
    }
    const path = join(this.#folder, localhostProfile);
    try {
      return asText(compileSeccomp(parseSeccompProfile(readFileSync(path, "utf8"))));
    } catch (error) {
      const text = `cannot load seccomp profile "${path}": ${reasonOf(error, path)}`;
      throw new ContainerStartError("CreateContainerError", text, { cause: error });
    }
  }
}

function reasonOf(error: unknown, path: string): string {
  return isFileMissing(error) ? `open ${path}: no such file or directory` : messageOf(error);
}

function asText(program: Uint8Array): string {
  return Buffer.from(program).toString("base64");
}
