import {
  type FieldError,
  immutableField,
  invalidField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import { nonNegativeMessage } from "../../../apimachinery/validation/formats.ts";
import type { V1ControllerRevision } from "../../generated/types.ts";

type Revision = Pick<V1ControllerRevision, "data" | "revision">;

/** Validation of ControllerRevisions, with the texts of kubernetes `pkg/apis/apps/validation`. */
export function validateControllerRevision({ data, revision }: Revision): FieldError[] {
  const errors: FieldError[] = [];
  if (data === undefined || data === null) errors.push(requiredField("data", "data is mandatory"));
  if (revision < 0) errors.push(invalidField("revision", revision, nonNegativeMessage));
  return errors;
}

export function validateControllerRevisionUpdate(revision: Revision, old: Revision): FieldError[] {
  const errors = validateControllerRevision(revision);
  if (!equalJson(revision.data, old.data)) errors.push(immutableField("data", revision.data));
  return errors;
}
