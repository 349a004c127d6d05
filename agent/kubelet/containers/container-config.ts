import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { Image } from "../../images/image-service.ts";
import type { ContainerConfig } from "../../runtime/runtime.ts";
import { imageReferenceOf } from "../images/image-reference.ts";
import { oomScoreAdjust } from "../sandbox/oom-score.ts";
import {
  containerHashAnnotation,
  containerLabels,
  imageAnnotation,
  imageReferenceAnnotation,
  resourcesAnnotation,
  restartCountAnnotation,
  terminationMessagePathAnnotation,
  terminationMessagePolicyAnnotation,
} from "../sandbox/pod-identity.ts";
import { containerResources } from "../sandbox/pod-resources.ts";
import { containerMounts } from "../volumes/container-mounts.ts";
import { containerHash } from "./container-hash.ts";
import { containerSecurity } from "./container-security.ts";
import { ContainerStartError } from "./container-start-error.ts";
import { expandVariables } from "./expand-variables.ts";
import { processNamespace } from "./process-namespace.ts";

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface ContainerConfigInput {
  readonly pod: V1Pod;
  readonly container: V1Container;
  readonly image: Image;
  readonly restartCount: number;
  readonly hostname: string;
  /** Of the node, for the container's rank when memory runs out. */
  readonly nodeMemoryBytes: number;
  /** The filter of system calls in base64, where the Pod asks for one. */
  readonly seccompFilter?: string;
  /** The id of the container whose processes it is to see. */
  readonly target?: string;
  /** The container's own variables, resolved. */
  readonly environment: ReadonlyMap<string, string>;
  /** The disks of image volumes that the container mounts, by the volume's name. */
  readonly imageVolumes: ReadonlyMap<string, string>;
}

/** What the runtime needs to make the container. Throws {@link ContainerStartError}. */
export function containerConfig(input: ContainerConfigInput): ContainerConfig {
  const { pod, container, image, restartCount } = input;
  const name = container.name;
  const messagePath = container.terminationMessagePath ?? "/dev/termination-log";
  return {
    metadata: { name, attempt: restartCount },
    imageId: image.id,
    imageDiskPath: image.diskPath,
    args: commandLine(input),
    workingDir: container.workingDir || image.config.workingDir || "/",
    env: environmentList(input),
    tty: container.tty ?? false,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    logPath: `${name}/${restartCount}.log`,
    labels: containerLabels(pod, container),
    annotations: {
      [containerHashAnnotation]: containerHash(container),
      [restartCountAnnotation]: String(restartCount),
      [terminationMessagePathAnnotation]: messagePath,
      [terminationMessagePolicyAnnotation]: container.terminationMessagePolicy ?? "File",
      [resourcesAnnotation]: JSON.stringify(container.resources ?? {}),
      [imageAnnotation]: container.image ?? "",
      [imageReferenceAnnotation]: imageReferenceOf(container.image ?? "", image),
    },
    resources: containerResources(pod, container),
    oomScoreAdjust: oomScoreAdjust(pod, container, input.nodeMemoryBytes),
    processNamespace: processNamespace(pod, input.target),
    security: {
      ...containerSecurity(pod, container, image.config.user),
      ...(input.seccompFilter && { seccompFilter: input.seccompFilter }),
    },
    mounts: containerMounts(input),
    ...(container.volumeDevices?.length && {
      devices: container.volumeDevices.map(({ name: volume, devicePath }) => ({ volume, path: devicePath })),
    }),
    stopSignal: container.lifecycle?.stopSignal ?? (image.config.stopSignal || "SIGTERM"),
    ...(messagePath && { terminationMessagePath: messagePath }),
  };
}

/** `command` replaces the image's entrypoint and its arguments, `args` only the arguments (core/v1 `Container`). */
function commandLine({ container, image, environment }: ContainerConfigInput): readonly string[] {
  const expand = (words: readonly string[]): string[] =>
    words.map((word) => expandVariables(word, environment));
  const command = container.command?.length ? expand(container.command) : undefined;
  const args = container.args?.length ? expand(container.args) : undefined;
  const line = [...(command ?? image.config.entrypoint), ...(args ?? (command ? [] : image.config.cmd))];
  if (line.length === 0) {
    throw new ContainerStartError(
      "CreateContainerError",
      `no command specified: neither container ${container.name} nor its image ${container.image} names one`,
    );
  }
  return line;
}

function environmentList(input: ContainerConfigInput): Array<{ name: string; value: string }> {
  const variables = new Map([
    ["PATH", defaultPath],
    ["HOSTNAME", input.hostname],
  ]);
  if (input.container.tty) variables.set("TERM", "xterm");
  for (const line of input.image.config.env) {
    const equals = line.indexOf("=");
    if (equals > 0) variables.set(line.slice(0, equals), line.slice(equals + 1));
  }
  for (const [name, value] of input.environment) variables.set(name, value);
  return [...variables].map(([name, value]) => ({ name, value }));
}
