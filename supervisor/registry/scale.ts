/** The subresource `scale`: how many replicas an object wants and has, as one kind for all (autoscaling/v1 `Scale`). */
import type { V1Scale } from "../api/generated/types.ts";
import { type FieldError, invalidField } from "../apimachinery/field-error.ts";
import { isJsonObject } from "../apimachinery/json/json-value.ts";
import type { ApiObject, ObjectMeta } from "../apimachinery/object-meta.ts";
import { newInternalError } from "../apimachinery/status-errors.ts";
import { nonNegativeMessage } from "../apimachinery/validation/formats.ts";
import type { Subresource } from "./resource-definition.ts";
import { ageColumn, column, tableOf } from "./table.ts";

/** Where an object keeps its numbers, as a CustomResourceDefinition names them: `.spec.replicas`. */
export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  /** The text of the selector of the Pods; empty where there is none. */
  selector(object: ApiObject): string;
  /** Whether an object without the number of `specReplicasPath` cannot be shown. */
  readonly specReplicasRequired?: boolean;
}

const table = tableOf<V1Scale>(
  [
    column("Desired", "replicas is the desired number of instances for the scaled object.", {
      type: "integer",
    }),
    column("Available", "replicas is the actual number of observed instances of the scaled object.", {
      type: "integer",
    }),
    ageColumn,
  ],
  ({ spec, status }, age) => [spec?.replicas ?? 0, status?.replicas ?? 0, age],
);

function segments(path: string): readonly string[] {
  return path.split(".").filter((segment) => segment !== "");
}

/** The value at a path of fields; undefined where there is none. */
export function valueAtPath(object: ApiObject, path: string): unknown {
  let value: unknown = object;
  for (const segment of segments(path)) value = isJsonObject(value) ? value[segment] : undefined;
  return value;
}

function setAtPath(object: ApiObject, path: string, value: number): void {
  const names = segments(path);
  const last = names.at(-1) ?? "";
  let target: Record<string, unknown> = object;
  for (const name of names.slice(0, -1)) {
    const inner = target[name];
    const next: Record<string, unknown> = isJsonObject(inner) ? inner : {};
    target[name] = next;
    target = next;
  }
  target[last] = value;
}

function replicasAt(object: ApiObject, path: string): number | undefined {
  const value = valueAtPath(object, path);
  return typeof value === "number" ? value : undefined;
}

/** What of the object's identity its scale shows. */
function scaleMeta({ metadata }: ApiObject): ObjectMeta {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
  };
}

function replicasOf(scale: ApiObject): number {
  return replicasAt(scale, "spec.replicas") ?? 0;
}

export function scaleSubresource(paths: ScalePaths): Subresource {
  return {
    type: "view",
    group: "autoscaling",
    version: "v1",
    kind: "Scale",
    model: "V1Scale",
    replicasPath: paths.specReplicasPath,
    table,
    read(object) {
      const wanted = replicasAt(object, paths.specReplicasPath);
      if (wanted === undefined && paths.specReplicasRequired) {
        throw newInternalError(
          `the spec replicas field ${JSON.stringify(paths.specReplicasPath)} does not exist`,
        );
      }
      const selector = paths.selector(object);
      return {
        kind: "Scale",
        apiVersion: "autoscaling/v1",
        metadata: scaleMeta(object),
        spec: wanted ? { replicas: wanted } : {},
        status: {
          replicas: replicasAt(object, paths.statusReplicasPath) ?? 0,
          ...(selector === "" ? {} : { selector }),
        },
      };
    },
    validate(scale): readonly FieldError[] {
      const replicas = replicasOf(scale);
      return replicas < 0 ? [invalidField("spec.replicas", replicas, nonNegativeMessage)] : [];
    },
    write(object, scale) {
      setAtPath(object, paths.specReplicasPath, replicasOf(scale));
    },
  };
}
