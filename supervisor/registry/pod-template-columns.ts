/** What tables of workloads show of their Pods' template (kubernetes `pkg/printers/internalversion`). */
import type { V1PodTemplateSpec } from "../api/generated/types.ts";
import { type LabelSelector, selectorText } from "../apimachinery/label-selector.ts";
import type { Labels } from "../apimachinery/labels.ts";
import { column, type TableColumn } from "./table.ts";

const wide = { priority: 1 };

export const templateColumns: readonly TableColumn[] = [
  column("Containers", "Names of each container in the template.", wide),
  column("Images", "Images referenced by each container in the template.", wide),
];

export const selectorColumn: TableColumn = column(
  "Selector",
  "A label query over pods that should match the replica count.",
  wide,
);

/** The names of the containers and their images. */
export function templateCells(template: V1PodTemplateSpec | undefined): readonly [string, string] {
  const containers = template?.spec?.containers ?? [];
  return [containers.map(({ name }) => name).join(","), containers.map(({ image }) => image ?? "").join(",")];
}

export function labelsCell(labels: Labels | undefined): string {
  const keys = Object.keys(labels ?? {}).sort();
  if (keys.length === 0) return "<none>";
  return keys.map((key) => `${key}=${labels?.[key] ?? ""}`).join(",");
}

export function selectorCell(selector: LabelSelector | undefined): string {
  if (selector === undefined) return "<none>";
  return (selectorText(selector) ?? "<error>") || "<none>";
}
