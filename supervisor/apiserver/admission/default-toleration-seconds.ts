import type { V1Toleration } from "../../api/generated/types.ts";
import type { Pod } from "../../registry/core/pod/pod-strategy.ts";
import type { AdmissionPlugin } from "./admission.ts";
import { writtenObject } from "./written-object.ts";

const defaultSeconds = 300;
const taints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/** Lets Pods stay for five minutes on a node that is lost (kubernetes `defaulttolerationseconds`). */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  admit(request) {
    const spec = writtenObject<Pod>(request, "", "pods")?.spec;
    if (spec === undefined) return;
    const given = spec.tolerations ?? [];
    const missing = taints.filter((key) => !given.some((toleration) => tolerates(toleration, key)));
    if (missing.length === 0) return;
    const added = missing.map((key) => ({
      key,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: defaultSeconds,
    }));
    spec.tolerations = [...given, ...added];
  },
};

function tolerates({ key = "", effect = "" }: V1Toleration, taint: string): boolean {
  return (key === taint || key === "") && (effect === "NoExecute" || effect === "");
}
