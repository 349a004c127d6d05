import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { MetricsRegistry, Sample } from "../../../supervisor/base/metrics/metrics-registry.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { isStatic } from "../static-pods/pod-source.ts";

/** Adds how many Pods and containers there are, counted when somebody asks. */
export function addPodCounts(
  registry: MetricsRegistry,
  runtime: Runtime,
  pods: () => readonly V1Pod[],
): void {
  const gauge = (name: string, help: string, samples: () => readonly Sample[]): void =>
    registry.collected("gauge", `kubelet_${name}`, help, samples);
  gauge("running_pods", "[BETA] Number of pods that have a running pod sandbox", () => [
    { labels: {}, value: runtime.listPodSandboxes().filter(({ state }) => state === "ready").length },
  ]);
  gauge("running_containers", "[BETA] Number of containers currently running", () => {
    const counts = new Map<string, number>();
    for (const { state } of runtime.listContainers()) counts.set(state, (counts.get(state) ?? 0) + 1);
    return Array.from(counts, ([state, value]) => ({ labels: { container_state: state }, value }));
  });
  gauge(
    "desired_pods",
    "[ALPHA] The number of pods the kubelet is being instructed to run. static is true if the pod is not from the apiserver.",
    () => bySource(pods()),
  );
  gauge(
    "active_pods",
    "[ALPHA] The number of pods the kubelet considers active and which are being considered when admitting new pods. static is true if the pod is not from the apiserver.",
    () =>
      bySource(pods().filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed")),
  );
  gauge(
    "mirror_pods",
    "[ALPHA] The number of mirror pods the kubelet will try to create (one per admitted static pod)",
    () => [{ labels: {}, value: pods().filter(isStatic).length }],
  );
  gauge(
    "managed_ephemeral_containers",
    "[ALPHA] Current number of ephemeral containers in pods managed by this kubelet.",
    () => [{ labels: {}, value: pods().flatMap(({ spec }) => spec?.ephemeralContainers ?? []).length }],
  );
}

function bySource(pods: readonly V1Pod[]): Sample[] {
  const ofFiles = pods.filter(isStatic).length;
  return [
    { labels: { static: "" }, value: pods.length - ofFiles },
    { labels: { static: "true" }, value: ofFiles },
  ];
}
