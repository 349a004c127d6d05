import { managersComplaint } from "../../apimachinery/fieldmanager/managed-fields.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import { dedupOwners } from "./dedup-owners.ts";

/** Admits an object, and mends what a plug-in or webhook may have broken of its managers and owners. */
export async function admitObject(request: AdmissionRequest & { readonly object: ApiObject }): Promise<void> {
  const { context, object } = request;
  const { metadata } = object;
  const { managedFields } = metadata;
  await context.admission.admit(request);
  if (metadata.managedFields !== managedFields) {
    const complaint = managersComplaint(metadata.managedFields ?? []);
    if (complaint !== undefined) {
      if (managedFields === undefined) delete metadata.managedFields;
      else metadata.managedFields = managedFields;
      context.warnings.push(
        `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${complaint}`,
      );
    }
  }
  dedupOwners(object, context.warnings, "after admission");
}
