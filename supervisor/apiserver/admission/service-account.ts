import type { Pod } from "../../registry/pod/pod-strategy.ts";
import type { AdmissionPlugin } from "./admission.ts";
import { writtenObject } from "./written-object.ts";

/** Every Pod runs as a ServiceAccount (kubernetes `plugin/pkg/admission/serviceaccount`). */
export const serviceAccount: AdmissionPlugin = {
  name: "ServiceAccount",
  admit(request) {
    if (request.operation !== "CREATE") return;
    const spec = writtenObject<Pod>(request, "", "pods")?.spec;
    if (spec === undefined) return;
    spec.serviceAccountName ||= "default";
    spec.serviceAccount = spec.serviceAccountName;
  },
};
