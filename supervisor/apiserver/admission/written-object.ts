import type { AdmissionRequest } from "./admission.ts";

/** The object that a request creates or changes as a whole, if it is of this resource. */
export function writtenObject<T>(request: AdmissionRequest, group: string, resource: string): T | undefined {
  const { store, info } = request.context;
  if (store.definition.resource !== resource || store.definition.group !== group) return undefined;
  if (info.subresource !== "") return undefined;
  // The resource says the model that decoding has checked.
  return request.object as T | undefined;
}
