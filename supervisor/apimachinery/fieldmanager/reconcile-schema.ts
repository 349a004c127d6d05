/** What managers own after their kind's schema has changed (structured-merge-diff `typed/reconcile_schema.go`). */
import { type FieldSet, isEmpty, leaf, NodeBuilder } from "./field-set.ts";
import { entryType, type MergeType } from "./merge-type.ts";

function isAtomic({ list, map, scalar }: MergeType): boolean {
  // Where the type does not tell the form, nothing is known of the paths below.
  if (scalar !== undefined) return false;
  return list === undefined ? (map?.isAtomic ?? false) : list.type === "atomic";
}

function typeBelow({ list, map }: MergeType, element: string): MergeType | undefined {
  if (element.startsWith("f:")) return map && entryType(map, element.slice(2));
  return list?.items;
}

/** The same paths, but one for all that lie within what is one value now. */
export function reconciledFields(type: MergeType, set: FieldSet): FieldSet {
  const builder = new NodeBuilder(set["."] !== undefined);
  let isSame = true;
  for (const [element, child] of Object.entries(set)) {
    if (element === ".") continue;
    const childType = typeBelow(type, element);
    const node = childType === undefined || isEmpty(child) ? child : reconciledNode(childType, child);
    if (node !== child) isSame = false;
    builder.add(element, node);
  }
  return isSame ? set : (builder.build() ?? leaf);
}

function reconciledNode(type: MergeType, node: FieldSet): FieldSet {
  return isAtomic(type) ? leaf : reconciledFields(type, node);
}
