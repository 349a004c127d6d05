import { ApiError } from "../../apimachinery/errors.ts";
import { type FieldWrite, trackUpdate } from "../../apimachinery/fieldmanager/field-manager.ts";
import { withConversions } from "../../apimachinery/fieldmanager/pending-conversion.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";

/**
 * Writes into `object` who owns its fields. Where its conversion fails nobody is said to own any (apimachinery
 * `FieldManager.UpdateNoErrors`): an object can be written, above all let go, while its webhook is away.
 */
export async function trackManagers(
  live: ApiObject | undefined,
  object: ApiObject,
  write: FieldWrite,
): Promise<void> {
  try {
    await withConversions(() => trackUpdate(live, object, write));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    delete object.metadata.managedFields;
  }
}
