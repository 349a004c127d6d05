import type { ContainerConfig, ContainerMount, ProcessNamespace } from "../../runtime.ts";
import type { ExecOptions } from "../../stream-session.ts";
import { FieldWriter } from "../channel/fields.ts";
import { mountKind, mountOption, processNamespace, processOption, tag } from "../channel/protocol.ts";
import { diskSerial, volumeSerial } from "../qemu/disk-serial.ts";
import { writeResources } from "./resource-fields.ts";

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
    .text(tag.terminationPath, config.terminationMessagePath)
    .text(tag.user, security.user);
  for (const group of security.supplementalGroups) fields.u32(tag.groupId, group);
  for (const mount of config.mounts) fields.group(tag.mount, mountGroup(mount));
  for (const { volume, path } of config.devices ?? []) {
    const device = new FieldWriter().text(tag.disk, volumeSerial(volume)).text(tag.mountTarget, path);
    fields.group(tag.device, device);
  }
  fields
    .list(tag.capAdd, security.addCapabilities)
    .list(tag.capDrop, security.dropCapabilities)
    .u32(tag.options, containerOptions(config));
  writeResources(fields, resources);
  if (config.oomScoreAdjust) fields.u32(tag.oomScoreAdj, config.oomScoreAdjust >>> 0);
  if (security.seccompFilter) fields.bytes(tag.seccomp, Buffer.from(security.seccompFilter, "base64"));
  return writeNamespace(fields, config.processNamespace ?? "container");
}

function writeNamespace(fields: FieldWriter, namespace: ProcessNamespace): FieldWriter {
  if (namespace === "container") return fields;
  if (typeof namespace === "object") {
    return fields
      .u32(tag.processNamespace, processNamespace.target)
      .text(tag.targetContainer, namespace.target);
  }
  return fields.u32(tag.processNamespace, processNamespace[namespace]);
}

function mountGroup(mount: ContainerMount): FieldWriter {
  const { volume, imageDiskPath, path, subPath, readOnly, recursiveReadOnly = false, propagation } = mount;
  return new FieldWriter()
    .u32(tag.mountKind, imageDiskPath === undefined ? mountKind.volume : mountKind.disk)
    .text(tag.mountTarget, path)
    .text(tag.mountSource, imageDiskPath === undefined ? volume : diskSerial(imageDiskPath))
    .text(tag.mountSubPath, subPath)
    .u32(
      tag.mountOptions,
      flags([
        [readOnly, mountOption.readOnly],
        [recursiveReadOnly, mountOption.recursive],
        [propagation === "host-to-container", mountOption.slave],
        [propagation === "bidirectional", mountOption.shared],
      ]),
    );
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
    [config.security.unmaskedProc ?? false, processOption.unmaskedProc],
    [config.security.strictGroups ?? false, processOption.strictGroups],
  ]);
}

function flags(choices: ReadonlyArray<readonly [boolean, number]>): number {
  return choices.reduce((sum, [isSet, bit]) => sum | (isSet ? bit : 0), 0);
}
