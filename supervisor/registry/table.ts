/** Tables, in which kubectl shows objects (meta/v1 `Table`). */
import type { ApiObject } from "../apimachinery/object-meta.ts";
import { humanDuration } from "./human-duration.ts";

export interface TableColumn {
  readonly name: string;
  readonly type: string;
  /** `name` marks the column that identifies the object. */
  readonly format: string;
  readonly description: string;
  /** Columns above 0 are shown by `-o wide` only. */
  readonly priority: number;
}

/** A cell; null for what is not there. */
export type TableCell = string | number | boolean | null;

/** What clients may do with a row: those that are `Completed` can be left out. */
export interface RowCondition {
  readonly type: "Completed";
  readonly status: "True";
  readonly reason: string;
  readonly message: string;
}

export interface TableDefinition {
  readonly columns: readonly TableColumn[];
  cells(object: ApiObject, nowMs: number): readonly TableCell[];
  /** Absent for a row that has none. */
  conditions?(object: ApiObject): readonly RowCondition[] | undefined;
}

export const nameColumn: TableColumn = {
  name: "Name",
  type: "string",
  format: "name",
  description:
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically.",
  priority: 0,
};

export const ageColumn: TableColumn = column("Age", "CreationTimestamp is the server time of the creation");

/** A column of texts. */
export function column(name: string, description: string, options: Partial<TableColumn> = {}): TableColumn {
  return { name, type: "string", format: "", description, priority: 0, ...options };
}

/** A table of the usual kind: its first column is the name. */
export function tableOf<T extends ApiObject | object>(
  columns: readonly TableColumn[],
  cells: (object: T, age: string) => readonly TableCell[],
): TableDefinition {
  return {
    columns: [nameColumn, ...columns],
    cells(object, nowMs) {
      // Decoding made this an object of the definition's kind.
      const known = object as unknown as T;
      return [object.metadata.name ?? "", ...cells(known, age(object.metadata.creationTimestamp, nowMs))];
    },
  };
}

/** Kinds without columns of their own (apiserver `rest.NewDefaultTableConvertor`). */
export const nameAndCreationTable: TableDefinition = tableOf(
  [column("Created At", "CreationTimestamp is the server time of the creation", { type: "date" })],
  ({ metadata }: ApiObject) => [metadata.creationTimestamp ?? ""],
);

/** Kinds of which only the age is shown. */
export const nameAndAgeTable: TableDefinition = tableOf([ageColumn], (_object, since) => [since]);

/** How long ago a time was, as kubectl shows it; `<unknown>` where there is none. */
export function age(timestamp: string | undefined, nowMs: number): string {
  if (timestamp === undefined) return "<unknown>";
  return humanDuration(nowMs - Date.parse(timestamp));
}
