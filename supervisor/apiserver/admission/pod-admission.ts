/** What is filled into every new Pod (kubernetes plug-ins ServiceAccount, DefaultTolerationSeconds and Priority). */
import type { V1Toleration } from "../../api/generated/types.ts";
import { newForbidden } from "../../apimachinery/status-errors.ts";
import type { Pod } from "../../registry/pod/pod-strategy.ts";
import type { AdmissionPlugin } from "./admission.ts";

const defaultTolerationSeconds = 300;
const defaultTolerations = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/** The priority classes that exist without being created. */
const systemPriorities: ReadonlyMap<string, number> = new Map([
  ["system-cluster-critical", 2_000_000_000],
  ["system-node-critical", 2_000_001_000],
]);

export const podAdmission: AdmissionPlugin = {
  name: "Pod",
  admit({ operation, context, object }) {
    const { resource, group } = context.store.definition;
    if (operation !== "CREATE" || resource !== "pods" || group !== "" || object === undefined) return;
    // Decoding made this a Pod.
    const pod = object as unknown as Pod;
    const { spec } = pod;
    if (spec === undefined) return;
    spec.serviceAccountName ||= "default";
    spec.serviceAccount = spec.serviceAccountName;
    addTolerations(spec);
    setPriority(pod, spec);
  },
};

function addTolerations(spec: NonNullable<Pod["spec"]>): void {
  const given = spec.tolerations ?? [];
  const missing = defaultTolerations.filter((key) => !given.some((toleration) => tolerates(toleration, key)));
  if (missing.length === 0) return;
  const added = missing.map((key) => ({
    key,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: defaultTolerationSeconds,
  }));
  spec.tolerations = [...given, ...added];
}

function tolerates({ key = "", effect = "" }: V1Toleration, taint: string): boolean {
  return (key === taint || key === "") && (effect === "NoExecute" || effect === "");
}

function setPriority(pod: Pod, spec: NonNullable<Pod["spec"]>): void {
  const { priorityClassName = "" } = spec;
  const priority = priorityClassName === "" ? 0 : systemPriorities.get(priorityClassName);
  const refuse = (why: string) => newForbidden({ group: "", resource: "pods" }, pod.metadata.name ?? "", why);
  if (priority === undefined) throw refuse(`no PriorityClass with name ${priorityClassName} was found`);
  if (spec.priority !== undefined && spec.priority !== priority) {
    throw refuse(
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    );
  }
  spec.priority = priority;
  spec.preemptionPolicy ||= "PreemptLowerPriority";
}
