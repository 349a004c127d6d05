/**
 * HorizontalPodAutoscalers of autoscaling/v1 and v2: what v1 has no fields for, it carries in annotations (kubernetes
 * `pkg/apis/autoscaling/v1/conversion.go`).
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { cpuMetric, defaultCpuUtilization } from "../v2/horizontal-pod-autoscaler-defaults.ts";
import { metricToV1, metricToV2 } from "./metric-conversion.ts";

const prefix = "autoscaling.alpha.kubernetes.io/";
const annotationNames = {
  metrics: `${prefix}metrics`,
  currentMetrics: `${prefix}current-metrics`,
  conditions: `${prefix}conditions`,
  behavior: `${prefix}behavior`,
} as const;

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? (value as JsonObject) : {};
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject).map(objectOf) : [];
}

/** An annotation's JSON; undefined where it is absent or none. */
function parsed(text: string | undefined): JsonValue | undefined {
  if (text === undefined) return undefined;
  try {
    // JSON.parse makes nothing but JSON values.
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** Field names in the form of v1's annotation: `ScaleUp` for `scaleUp`. */
function capitalized(value: JsonValue | undefined): JsonValue | undefined {
  return renamed(value, (name) => name.charAt(0).toUpperCase() + name.slice(1));
}

function uncapitalized(value: JsonValue | undefined): JsonValue | undefined {
  return renamed(value, (name) => name.charAt(0).toLowerCase() + name.slice(1));
}

function renamed(value: JsonValue | undefined, rename: (name: string) => string): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename) ?? null);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(entries.map(([name, inner]) => [rename(name), renamed(inner, rename)]));
}

function cpuUtilization(metric: JsonObject, field: "target" | "current"): number | undefined {
  const resource = objectOf(metric.resource);
  if (metric.type !== "Resource" || resource.name !== "cpu") return undefined;
  const { averageUtilization } = objectOf(resource[field]);
  return typeof averageUtilization === "number" ? averageUtilization : undefined;
}

function firstCpuUtilization(metrics: readonly JsonObject[], field: "target" | "current") {
  return metrics.map((metric) => cpuUtilization(metric, field)).find((value) => value !== undefined);
}

/** The object of v2 as v1 shows it. */
export function horizontalPodAutoscalerToV1(object: ApiObject): ApiObject {
  const { metrics, behavior, ...spec } = objectOf(object.spec);
  const { currentMetrics, conditions, ...status } = objectOf(object.status);
  const annotations: Record<string, string> = { ...object.metadata.annotations };
  const others = listOf(metrics).filter((metric) => cpuUtilization(metric, "target") === undefined);
  const target = firstCpuUtilization(listOf(metrics), "target");
  const current = firstCpuUtilization(listOf(currentMetrics), "current");
  const carried: Record<string, JsonValue | undefined> = {
    [annotationNames.metrics]:
      others.length === 0 ? undefined : others.map((metric) => metricToV1(metric, "spec")),
    [annotationNames.currentMetrics]:
      listOf(currentMetrics).length === 0
        ? undefined
        : listOf(currentMetrics).map((metric) => metricToV1(metric, "status")),
    [annotationNames.conditions]: listOf(conditions).length === 0 ? undefined : conditions,
    [annotationNames.behavior]: capitalized(behavior),
  };
  for (const [name, value] of Object.entries(carried)) {
    if (value !== undefined) annotations[name] = JSON.stringify(value);
  }
  return {
    ...object,
    apiVersion: "autoscaling/v1",
    metadata: withAnnotations(object, annotations),
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: {
      currentReplicas: 0,
      desiredReplicas: 0,
      ...status,
      ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }),
    },
  };
}

/** The object of v1 as v2 has it; annotations that are not JSON are dropped, as upstream does. */
export function horizontalPodAutoscalerToV2(object: ApiObject): ApiObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = objectOf(object.spec);
  const { currentCPUUtilizationPercentage: current, ...status } = objectOf(object.status);
  const annotations: Record<string, string> = { ...object.metadata.annotations };
  const carried = (name: string) => {
    const value = parsed(annotations[name]);
    delete annotations[name];
    return value;
  };
  const metrics = listOf(carried(annotationNames.metrics)).map((metric) => metricToV2(metric, "spec"));
  if (typeof target === "number") metrics.push(cpuMetric(target));
  if (metrics.length === 0) metrics.push(cpuMetric(defaultCpuUtilization));
  const currentMetrics = listOf(carried(annotationNames.currentMetrics)).map((metric) =>
    metricToV2(metric, "status"),
  );
  if (currentMetrics.length === 0 && typeof current === "number") {
    currentMetrics.push({
      type: "Resource",
      resource: { name: "cpu", current: { averageUtilization: current } },
    });
  }
  const conditions = listOf(carried(annotationNames.conditions));
  const behavior = uncapitalized(carried(annotationNames.behavior));
  return {
    ...object,
    apiVersion: "autoscaling/v2",
    metadata: withAnnotations(object, annotations),
    spec: { ...spec, metrics, ...(isJsonObject(behavior) ? { behavior } : {}) },
    status: {
      ...status,
      ...(currentMetrics.length === 0 ? {} : { currentMetrics }),
      ...(conditions.length === 0 ? {} : { conditions }),
    },
  };
}

function withAnnotations({ metadata }: ApiObject, annotations: Record<string, string>) {
  const { annotations: _annotations, ...meta } = metadata;
  return Object.keys(annotations).length === 0 ? meta : { ...meta, annotations };
}
