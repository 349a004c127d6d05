import type { V1Node } from "../../api/generated/types.ts";
import type { Typed } from "../../registry/resource-definition.ts";
import type { AdmissionPlugin } from "./admission.ts";
import { writtenObject } from "./written-object.ts";

const notReady = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

/** A new Node takes no Pods until the node controller has seen that it is ready (kubernetes `nodetaint`). */
export const taintNodesByCondition: AdmissionPlugin = {
  name: "TaintNodesByCondition",
  admit(request) {
    if (request.operation !== "CREATE") return;
    const node = writtenObject<Typed<V1Node>>(request, "", "nodes");
    if (node === undefined) return;
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === notReady.key && effect === notReady.effect)) return;
    node.spec = { ...node.spec, taints: [...taints, notReady] };
  },
};
