import type { V1Container, V1ContainerRestartRule, V1Pod } from "../../../supervisor/api/generated/types.ts";

/** A sidecar: an init container that runs as long as the Pod does. */
export function isSidecar(container: V1Container): boolean {
  return container.restartPolicy === "Always";
}

/** What is in force for a container, its own policy or its Pod's. */
export function restartPolicyOf({ spec }: V1Pod, container: V1Container): string {
  return container.restartPolicy ?? spec?.restartPolicy ?? "Always";
}

/** Whether a container that ended with this code is to run again (`podutil.ContainerShouldRestart`): rules go first. */
export function restartsAfter(pod: V1Pod, container: V1Container, exitCode: number): boolean {
  if (matchingRule(container, exitCode)?.action === "Restart") return true;
  const policy = restartPolicyOf(pod, container);
  return policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
}

/** Whether all of the Pod's containers are to begin anew when one ended with this code. */
export function restartsAll(container: V1Container, exitCode: number): boolean {
  return matchingRule(container, exitCode)?.action === "RestartAllContainers";
}

/** Whether that can happen to a Pod at all. */
export function couldRestartAll({ spec }: V1Pod): boolean {
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return all.some((container) =>
    container.restartPolicyRules?.some(({ action }) => action === "RestartAllContainers"),
  );
}

/** The first of the container's rules that its exit code fits; rules count for containers with a policy of their own. */
function matchingRule(container: V1Container, exitCode: number): V1ContainerRestartRule | undefined {
  if (!container.restartPolicy) return undefined;
  return container.restartPolicyRules?.find(({ exitCodes }) => {
    const isNamed = exitCodes?.values?.includes(exitCode) ?? false;
    return exitCodes?.operator === "In" ? isNamed : exitCodes?.operator === "NotIn" && !isNamed;
  });
}
