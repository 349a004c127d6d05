/** What a namespace's LimitRanges say of Pods and claims (kubernetes `plugin/pkg/admission/limitranger`). */
import type { V1LimitRange, V1PersistentVolumeClaim } from "../../../api/generated/types.ts";
import type { Pod } from "../../../registry/core/pod/pod-strategy.ts";
import type { NamespacedCache } from "../../storage/namespaced-cache.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { aggregated, refusal } from "../refusal.ts";
import { writtenObject } from "../written-object.ts";
import { setLimitRangeDefaults } from "./limit-range-defaults.ts";
import { claimComplaints, podComplaints } from "./limit-range-rules.ts";

export function limitRanger(ranges: NamespacedCache<V1LimitRange>): AdmissionPlugin {
  return {
    name: "LimitRanger",
    admit(request) {
      if (request.operation !== "CREATE") return;
      const present = ranges.in(request.context.info.namespace);
      if (present === undefined) return;
      const pod = writtenObject<Pod>(request, "", "pods");
      if (pod === undefined) return;
      for (const range of inOrder(present)) setLimitRangeDefaults(range, pod);
    },
    validate(request) {
      const present = ranges.in(request.context.info.namespace);
      if (present === undefined || request.operation === "DELETE") return;
      for (const range of inOrder(present)) {
        const complaints = complaintsOf(range, request);
        if (complaints.length > 0) throw refusal(request, aggregated(complaints));
      }
    },
  };
}

function inOrder(ranges: ReadonlyMap<string, V1LimitRange>): readonly V1LimitRange[] {
  return [...ranges].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, range]) => range);
}

function complaintsOf(range: V1LimitRange, request: AdmissionRequest): readonly string[] {
  const { operation, object, old, context } = request;
  // What is on its way out must still be changed, to take its finalizers off.
  if (old?.metadata.deletionTimestamp !== undefined) return [];
  const { definition } = context.store;
  const { subresource } = context.info;
  if (definition.group !== "" || object === undefined) return [];
  const isPodWrite =
    (operation === "CREATE" && subresource === "") || (operation === "UPDATE" && subresource === "resize");
  // Decoding made the one a Pod, the other a claim.
  if (definition.resource === "pods" && isPodWrite) return podComplaints(range, object as unknown as Pod);
  if (definition.resource !== "persistentvolumeclaims" || subresource !== "") return [];
  return claimComplaints(range, object as unknown as V1PersistentVolumeClaim);
}
