/** The columns that kubectl shows for HorizontalPodAutoscalers (kubernetes `printHorizontalPodAutoscaler`). */
import type {
  V2HorizontalPodAutoscaler,
  V2MetricSpec,
  V2MetricStatus,
  V2MetricTarget,
  V2MetricValueStatus,
} from "../../../api/generated/types.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn, type TableDefinition } from "../../table.ts";

type Autoscaler = Typed<V2HorizontalPodAutoscaler>;

const shownMetrics = 2;

/** `toV2` gives the object in the form of autoscaling/v2. */
export function horizontalPodAutoscalerTable(toV2: (object: ApiObject) => ApiObject): TableDefinition {
  return {
    columns: [
      nameColumn,
      column("Reference", "ScaleTargetRef points to the target resource to scale."),
      column(
        "Targets",
        "Metrics contains the specifications for which to use to calculate the desired replica count.",
      ),
      column(
        "MinPods",
        "MinReplicas is the lower limit for the number of replicas to which the autoscaler can scale down.",
      ),
      column(
        "MaxPods",
        "MaxReplicas is the upper limit for the number of replicas to which the autoscaler can scale up.",
      ),
      column(
        "Replicas",
        "CurrentReplicas is current number of replicas of pods managed by this autoscaler, as last seen by the autoscaler.",
      ),
      ageColumn,
    ],
    cells(object, nowMs) {
      // Decoding made this a HorizontalPodAutoscaler.
      const { metadata, spec, status } = toV2(object) as unknown as Autoscaler;
      const { kind = "", name = "" } = spec?.scaleTargetRef ?? {};
      return [
        metadata.name ?? "",
        `${kind}/${name}`,
        metricsText(spec?.metrics ?? [], status?.currentMetrics ?? []),
        spec?.minReplicas === undefined ? "<unset>" : String(spec.minReplicas),
        spec?.maxReplicas ?? 0,
        status?.currentReplicas ?? 0,
        age(metadata.creationTimestamp, nowMs),
      ];
    },
  };
}

function metricsText(specs: readonly V2MetricSpec[], statuses: readonly V2MetricStatus[]): string {
  if (specs.length === 0) return "<none>";
  const texts = specs.map((spec, index) => metricText(spec, statuses[index]));
  const shown = texts.slice(0, shownMetrics).join(", ");
  return texts.length > shownMetrics ? `${shown} + ${texts.length - shownMetrics} more...` : shown;
}

function metricText(spec: V2MetricSpec, status: V2MetricStatus | undefined): string {
  switch (spec.type) {
    case "External":
      return valueText(spec.external?.target, status?.external?.current, true);
    case "Pods":
      return `${status?.pods?.current.averageValue ?? "<unknown>"}/${spec.pods?.target.averageValue ?? ""}`;
    case "Object":
      return valueText(spec.object?.target, status?.object?.current, true);
    case "Resource":
      return `${spec.resource?.name ?? ""}: ${shareText(spec.resource?.target, status?.resource?.current)}`;
    case "ContainerResource": {
      const text = shareText(spec.containerResource?.target, status?.containerResource?.current);
      return `${spec.containerResource?.name ?? ""}: ${text}`;
    }
    default:
      return "<unknown type>";
  }
}

/** An average is marked as one. */
function valueText(
  target: V2MetricTarget | undefined,
  current: V2MetricValueStatus | undefined,
  marksAverage: boolean,
): string {
  if (target?.averageValue !== undefined) {
    return `${current?.averageValue ?? "<unknown>"}/${target.averageValue}${marksAverage ? " (avg)" : ""}`;
  }
  return `${current?.value ?? "<unknown>"}/${target?.value ?? ""}`;
}

function shareText(target: V2MetricTarget | undefined, current: V2MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return valueText(target, current, false);
  const now = current?.averageUtilization === undefined ? "<unknown>" : `${current.averageUtilization}%`;
  return `${now}/${target?.averageUtilization === undefined ? "<auto>" : `${target.averageUtilization}%`}`;
}
