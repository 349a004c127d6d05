import type { V1Pod, V1RuntimeClass } from "../../../supervisor/api/generated/types.ts";
import type { MachineClass, MachineClasses } from "./machine-class.ts";

/** A RuntimeClass of the API; undefined where there is none of the name. */
export type RuntimeClassSource = (name: string) => Promise<V1RuntimeClass | undefined>;

/**
 * What the Pod's machine is to be like, by its RuntimeClass (kubelet `runtimeclass.Manager`). Throws where the class or
 * its handler is not there, with the texts of kubelet and containerd.
 */
export async function machineClassOf(
  pod: V1Pod,
  source: RuntimeClassSource,
  classes: MachineClasses,
): Promise<MachineClass> {
  const name = pod.spec?.runtimeClassName ?? "";
  const runtimeClass = name === "" ? undefined : await source(name);
  if (name !== "" && runtimeClass === undefined) {
    throw new Error(`runtimeclass.node.k8s.io ${JSON.stringify(name)} not found`);
  }
  const handler = runtimeClass?.handler ?? "";
  const found = classes.get(handler);
  if (found) return found;
  throw new Error(
    `failed to get sandbox runtime: no runtime for ${JSON.stringify(handler)} is configured; this host has ${namesOf(classes)}`,
  );
}

function namesOf(classes: MachineClasses): string {
  return [...classes.keys()]
    .filter((name) => name !== "")
    .sort()
    .join(", ");
}
