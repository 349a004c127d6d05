import type { V1VolumeAttachment } from "../../api/generated/types.ts";
import {
  validateVolumeAttachment,
  validateVolumeAttachmentUpdate,
} from "../../api/storage/v1/volume-attachment-validation.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { ownStatus, statusPart } from "../status-strategy.ts";
import { ageColumn, column, tableOf } from "../table.ts";

type VolumeAttachment = Typed<V1VolumeAttachment>;

/** VolumeAttachments (kubernetes `pkg/registry/storage/volumeattachment`). */
export const volumeAttachmentDefinition: ResourceDefinition = defineResource({
  group: "storage.k8s.io",
  resource: "volumeattachments",
  kind: "VolumeAttachment",
  namespaced: false,
  strategy: {
    allowUnconditionalUpdate: false,
    returnsDeletedObject: true,
    ...ownStatus({ attached: false }),
    validate: (attachment: VolumeAttachment) => validateVolumeAttachment(attachment),
    validateUpdate: (attachment: VolumeAttachment, old: VolumeAttachment) =>
      validateVolumeAttachmentUpdate(attachment, old),
  },
  subresources: { status: statusPart({ keepsMetadata: true }) },
  table: tableOf(
    [
      column("Attacher", "The driver that attaches the volume.", { format: "name" }),
      column("PV", "The name of the volume."),
      column("Node", "The node to which the volume is attached."),
      column("Attached", "Whether the volume is attached.", { type: "boolean" }),
      ageColumn,
    ],
    ({ spec, status }: V1VolumeAttachment, age) => [
      spec?.attacher ?? "",
      spec?.source?.persistentVolumeName ?? "",
      spec?.nodeName ?? "",
      status?.attached ?? false,
      age,
    ],
  ),
});
