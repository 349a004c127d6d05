import type { ContainerConfig, ContainerMount, ExecOptions } from "../../runtime.ts";
import { FieldWriter } from "../channel/fields.ts";
import { mountKind, mountOption, processOption, tag } from "../channel/protocol.ts";

const cpuPeriodMicros = 100_000n;

/** The fields of `CREATE_CONTAINER`. */
export function containerRequest(id: string, diskId: string, config: ContainerConfig): FieldWriter {
  const { resources, security } = config;
  const fields = new FieldWriter()
    .text(tag.container, id)
    .text(tag.disk, diskId)
    .list(tag.arg, config.args)
    .list(
      tag.env,
      config.env.map(({ name, value }) => `${name}=${value}`),
    )
    .text(tag.cwd, config.workingDir)
    .text(tag.user, security.user);
  for (const group of security.supplementalGroups) fields.u32(tag.groupId, group);
  for (const mount of config.mounts) fields.group(tag.mount, mountGroup(mount));
  return fields
    .list(tag.capAdd, security.addCapabilities)
    .list(tag.capDrop, security.dropCapabilities)
    .u32(tag.options, containerOptions(config))
    .u64(tag.cpuQuota, (BigInt(Math.round(resources.cpuMillis)) * cpuPeriodMicros) / 1000n)
    .u64(tag.cpuPeriod, cpuPeriodMicros)
    .u32(tag.cpuWeight, resources.cpuWeight)
    .u64(tag.memoryMax, BigInt(resources.memoryBytes));
}

function mountGroup({ volume, path, readOnly }: ContainerMount): FieldWriter {
  return new FieldWriter()
    .u32(tag.mountKind, mountKind.volume)
    .text(tag.mountTarget, path)
    .text(tag.mountSource, volume)
    .u32(tag.mountOptions, readOnly ? mountOption.readOnly : 0);
}

/** The fields of `EXEC`. */
export function execRequest(containerId: string, options: ExecOptions): FieldWriter {
  return new FieldWriter()
    .text(tag.container, containerId)
    .list(tag.arg, options.command)
    .u32(
      tag.options,
      flags([
        [options.tty, processOption.tty],
        [options.stdin, processOption.stdin],
        [options.stdout, processOption.stdout],
        [options.stderr && !options.tty, processOption.stderr],
      ]),
    );
}

function containerOptions(config: ContainerConfig): number {
  return flags([
    [config.tty, processOption.tty],
    [config.stdin, processOption.stdin],
    [true, processOption.stdout],
    [!config.tty, processOption.stderr],
    [config.security.readOnlyRootFilesystem, processOption.readOnlyRoot],
    [config.security.privileged, processOption.privileged],
    [config.security.noNewPrivileges, processOption.noNewPrivileges],
  ]);
}

function flags(choices: ReadonlyArray<readonly [boolean, number]>): number {
  return choices.reduce((sum, [isSet, bit]) => sum | (isSet ? bit : 0), 0);
}
