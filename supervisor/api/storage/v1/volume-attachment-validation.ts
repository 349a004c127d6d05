/** Validation of VolumeAttachments, with the texts of kubernetes `pkg/apis/storage/validation`. */
import {
  type FieldError,
  forbiddenField,
  immutableField,
  invalidField,
  requiredField,
  tooLongField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import { checkFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkDnsSubdomain, rangeMessage } from "../../../apimachinery/validation/formats.ts";
import type { V1VolumeAttachment, V1VolumeAttachmentSource, V1VolumeError } from "../../generated/types.ts";
import { validateDriverName } from "./csi-validation.ts";

type Attachment = Pick<V1VolumeAttachment, "spec" | "status">;

const maxMetadataBytes = 256 * 1024;
const maxMessageBytes = 1024;
const sourcePath = "spec.source";
const onlyOne = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

export function validateVolumeAttachment(attachment: Attachment): FieldError[] {
  const errors = validateCommon(attachment);
  const { attacher = "", source } = attachment.spec ?? {};
  validateDriverName(attacher, "spec.attacher", errors);
  const volume = source?.persistentVolumeName;
  if (volume !== undefined)
    checkFormat(errors, `${sourcePath}.persistentVolumeName`, volume, checkDnsSubdomain);
  return errors;
}

function validateCommon({ spec, status }: Attachment): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec?.attacher) errors.push(requiredField("spec.attacher"));
  validateSource(spec?.source ?? {}, errors);
  checkFormat(errors, "spec.nodeName", spec?.nodeName ?? "", checkDnsSubdomain);
  const metadata = Object.entries(status?.attachmentMetadata ?? {});
  const bytes = metadata.reduce((sum, entry) => sum + Buffer.byteLength(entry.join("")), 0);
  if (bytes > maxMetadataBytes) errors.push(tooLongField("status.attachmentMetadata", maxMetadataBytes));
  validateVolumeError(status?.attachError, "status.attachError", errors);
  validateVolumeError(status?.detachError, "status.detachError", errors);
  return errors;
}

function validateSource(source: V1VolumeAttachmentSource, errors: FieldError[]): void {
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source;
  if (inline === undefined && name === undefined) errors.push(requiredField(sourcePath, onlyOne));
  else if (inline !== undefined && name !== undefined) errors.push(forbiddenField(sourcePath, onlyOne));
  else if (name === "") {
    errors.push(
      requiredField(`${sourcePath}.persistentVolumeName`, "must specify non empty persistentVolumeName"),
    );
  }
}

function validateVolumeError(error: V1VolumeError | undefined, path: string, errors: FieldError[]): void {
  const { message = "", errorCode = 0 } = error ?? {};
  if (Buffer.byteLength(message) > maxMessageBytes) {
    errors.push(tooLongField(`${path}.message`, maxMetadataBytes));
  }
  if (errorCode < 0) {
    errors.push(invalidField(`${path}.errorCode`, errorCode, rangeMessage(0, 2 ** 31 - 1)));
  }
}

export function validateVolumeAttachmentUpdate(attachment: Attachment, old: Attachment): FieldError[] {
  const errors = validateCommon(attachment);
  if (!equalJson(attachment.spec, old.spec)) errors.push(immutableField("spec", attachment.spec));
  return errors;
}
