/** Metrics in the form that autoscaling/v1 keeps in annotations, and in that of v2 (kubernetes `pkg/apis/autoscaling/v1`). */
import { isJsonObject, type JsonObject, type JsonValue } from "../../../apimachinery/json/json-value.ts";

/** Leaves out what is absent. */
function defined(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function objectAt(value: JsonObject, field: string): JsonObject {
  const inner = value[field];
  return isJsonObject(inner) ? inner : {};
}

function target(given: JsonObject): JsonObject {
  const type =
    given.averageUtilization !== undefined
      ? "Utilization"
      : given.averageValue !== undefined
        ? "AverageValue"
        : "Value";
  return { type, ...defined(given) };
}

/** `spec` is about what is wanted, `status` about what is. */
type Side = "spec" | "status";

function goal(side: Side): string {
  return side === "spec" ? "target" : "current";
}

/** A name as the fields of v1 have it: `targetAverageValue`. */
function named(side: Side, field: string): string {
  return `${goal(side)}${field}`;
}

function utilizationFields(source: JsonObject, side: Side): JsonObject {
  const { averageUtilization, averageValue } = objectAt(source, goal(side));
  return {
    name: source.name,
    [named(side, "AverageUtilization")]: averageUtilization,
    [named(side, "AverageValue")]: averageValue,
  };
}

function sourceToV1(type: JsonValue | undefined, source: JsonObject, side: Side): JsonObject {
  const metric = objectAt(source, "metric");
  const { value, averageValue } = objectAt(source, goal(side));
  switch (type) {
    case "Resource":
      return utilizationFields(source, side);
    case "ContainerResource":
      return { ...utilizationFields(source, side), container: source.container };
    case "Pods":
      return {
        metricName: metric.name,
        [named(side, "AverageValue")]: averageValue,
        selector: metric.selector,
      };
    case "Object":
      return {
        target: source.describedObject,
        metricName: metric.name,
        [named(side, "Value")]: value ?? "0",
        selector: metric.selector,
        averageValue,
      };
    default:
      return {
        metricName: metric.name,
        metricSelector: metric.selector,
        [named(side, "Value")]: value,
        [named(side, "AverageValue")]: averageValue,
      };
  }
}

function sourceToV2(type: JsonValue | undefined, source: JsonObject, side: Side): JsonObject {
  const given = {
    averageUtilization: source[named(side, "AverageUtilization")],
    averageValue: source[named(side, "AverageValue")] ?? source.averageValue,
    value: type === "Object" && source.averageValue !== undefined ? undefined : source[named(side, "Value")],
  };
  const amount = { [goal(side)]: side === "spec" ? target(given) : defined(given) };
  const selector = source.metricSelector ?? source.selector;
  const metric = defined({ name: source.metricName, selector });
  switch (type) {
    case "Resource":
      return { name: source.name, ...amount };
    case "ContainerResource":
      return { name: source.name, container: source.container, ...amount };
    case "Object":
      return { describedObject: source.target, metric, ...amount };
    default:
      return { metric, ...amount };
  }
}

const sourceFields: Readonly<Record<string, string>> = {
  Resource: "resource",
  ContainerResource: "containerResource",
  Pods: "pods",
  Object: "object",
  External: "external",
};

function convert(
  metric: JsonObject,
  side: Side,
  source: (type: JsonValue | undefined, source: JsonObject, side: Side) => JsonObject,
): JsonObject {
  const { type } = metric;
  const field = typeof type === "string" ? sourceFields[type] : undefined;
  if (field === undefined || !isJsonObject(metric[field])) return { type };
  return { type, [field]: defined(source(type, objectAt(metric, field), side)) };
}

export function metricToV1(metric: JsonObject, side: Side): JsonObject {
  return convert(metric, side, sourceToV1);
}

export function metricToV2(metric: JsonObject, side: Side): JsonObject {
  return convert(metric, side, sourceToV2);
}
