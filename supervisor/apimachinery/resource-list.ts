/** Arithmetic with lists of amounts by resource name (apiserver `pkg/quota/v1/resources.go`). */
import { parseQuantity } from "./quantity.ts";
import { formatQuantity } from "./quantity-format.ts";

/** Quantities by the name of a resource: `{ cpu: "500m" }`. */
export type ResourceList = Readonly<Record<string, string>>;

/** Less than, equal to or greater than 0, as `left` is less than, equal to or greater than `right`. */
export function compareQuantities(left: string, right: string): number {
  const difference = parseQuantity(left) - parseQuantity(right);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** The sum, written as `left` is, or as `right` where that is zero. */
function addQuantities(left: string, right: string): string {
  const amount = parseQuantity(left);
  return formatQuantity(amount + parseQuantity(right), amount === 0n ? right : left);
}

/** `left` without `right`, which may be less than nothing. */
function subtractQuantities(left: string, right: string): string {
  const amount = parseQuantity(left);
  return formatQuantity(amount - parseQuantity(right), amount === 0n ? right : left);
}

/** All names of both, each with the sum. */
export function addResources(left: ResourceList, right: ResourceList): Record<string, string> {
  const sum: Record<string, string> = { ...left };
  for (const [name, amount] of Object.entries(right)) {
    const present = sum[name];
    sum[name] = present === undefined ? amount : addQuantities(present, amount);
  }
  return sum;
}

/** All names of both, each with what `left` has more than `right`, and zero where that is less. */
export function subtractResources(left: ResourceList, right: ResourceList): Record<string, string> {
  const rest: Record<string, string> = { ...left };
  for (const [name, amount] of Object.entries(right)) {
    const present = rest[name];
    const isMore = present !== undefined && compareQuantities(present, amount) > 0;
    rest[name] = isMore ? subtractQuantities(present, amount) : "0";
  }
  return rest;
}

/** All names of both, each with the greater amount. */
export function maxResources(left: ResourceList, right: ResourceList): Record<string, string> {
  const most: Record<string, string> = { ...left };
  for (const [name, amount] of Object.entries(right)) {
    const present = most[name];
    if (present === undefined || compareQuantities(amount, present) > 0) most[name] = amount;
  }
  return most;
}

/** Those whose names are taken. */
export function maskResources(
  list: ResourceList,
  takes: (name: string, amount: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(list).filter(([name, amount]) => takes(name, amount)));
}

/** Whether both have the same names with the same amounts, however these are written. */
export function equalResources(left: ResourceList, right: ResourceList): boolean {
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => {
    const [one, other] = [left[name], right[name]];
    return one !== undefined && other !== undefined && compareQuantities(one, other) === 0;
  });
}

/** The names whose amounts are greater than `limits` allows; what has no limit is within it. */
export function exceededResources(list: ResourceList, limits: ResourceList): readonly string[] {
  return Object.entries(list)
    .filter(([name, amount]) => {
      const limit = limits[name];
      return limit !== undefined && compareQuantities(amount, limit) > 0;
    })
    .map(([name]) => name);
}

/** `cpu=500m,pods=1`, by name. */
export function formatResources(list: ResourceList): string {
  return Object.keys(list)
    .sort()
    .map((name) => `${name}=${list[name]}`)
    .join(",");
}
