/**
 * Sets of paths, in the very form of `FieldsV1` (meta/v1): a path's last step holds nothing, or `.` beside the steps
 * that go on from it. Sets are never changed: operations give the same set where nothing is different.
 */
import type { JsonValue } from "../json/json-value.ts";
import { isJsonObject } from "../json/json-value.ts";
import { canonicalElement, displayElement, isPathElement, sortedElements } from "./path-element.ts";

export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A path that ends here. */
export const leaf: FieldSet = Object.freeze({});
/** No paths at all. */
export const noFields: FieldSet = Object.freeze({});

export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether the path to this node is in the set itself. */
function isMember(node: FieldSet): boolean {
  return node["."] !== undefined || isEmpty(node);
}

/** Makes a node of its steps, which come in any order. */
export class NodeBuilder {
  readonly #node: Record<string, FieldSet> = {};
  readonly #elements: string[] = [];
  readonly #isMember: boolean;

  /** `isMember`: whether the path to the node is in the set itself. */
  constructor(isMember: boolean) {
    this.#isMember = isMember;
    if (isMember) this.#node["."] = leaf;
  }

  add(element: string, child: FieldSet): void {
    this.#elements.push(element);
    this.#node[element] = child;
  }

  has(element: string): boolean {
    return this.#node[element] !== undefined;
  }

  /** Puts another node at a step that is there. */
  replace(element: string, child: FieldSet): void {
    this.#node[element] = child;
  }

  /** The node; undefined for no paths at all. */
  build(): FieldSet | undefined {
    if (this.#elements.length === 0) return this.#isMember ? leaf : undefined;
    const elements = sortedElements(this.#elements);
    if (elements === this.#elements) return this.#node;
    const sorted: Record<string, FieldSet> = {};
    if (this.#isMember) sorted["."] = leaf;
    for (const element of elements) sorted[element] = this.#node[element] ?? leaf;
    return sorted;
  }
}

function childrenOf(node: FieldSet): Array<readonly [string, FieldSet]> {
  return Object.entries(node).filter(([element]) => element !== ".");
}

function unionNodes(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left;
  const member = isMember(left) || isMember(right);
  const children = new Map<string, FieldSet>(childrenOf(left));
  let isSame = member === isMember(left);
  for (const [element, child] of childrenOf(right)) {
    const present = children.get(element);
    const next = present === undefined ? child : unionNodes(present, child);
    if (next === present) continue;
    isSame = false;
    children.set(element, next);
  }
  if (isSame) return left;
  const builder = new NodeBuilder(member);
  for (const [element, child] of children) builder.add(element, child);
  return builder.build() ?? leaf;
}

/** The paths of either. */
export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmpty(right)) return left;
  if (isEmpty(left)) return right;
  return unionNodes(left, right);
}

function differenceNode(node: FieldSet, other: FieldSet): FieldSet | undefined {
  const member = isMember(node) && !isMember(other);
  const builder = new NodeBuilder(member);
  let isSame = member === isMember(node);
  for (const [element, child] of childrenOf(node)) {
    const subtracted = other[element];
    const rest = subtracted === undefined ? child : differenceNode(child, subtracted);
    if (rest !== child) isSame = false;
    if (rest !== undefined) builder.add(element, rest);
  }
  return isSame ? node : builder.build();
}

/** The paths of `set` that are not in `other`; a path that is longer than one of `other` stays. */
export function difference(set: FieldSet, other: FieldSet): FieldSet {
  if (isEmpty(set) || isEmpty(other)) return set;
  return differenceNode(set, other) ?? noFields;
}

function recursiveNode(node: FieldSet, other: FieldSet): FieldSet | undefined {
  if (isMember(other)) return undefined;
  const builder = new NodeBuilder(isMember(node));
  let isSame = true;
  for (const [element, child] of childrenOf(node)) {
    const subtracted = other[element];
    const rest = subtracted === undefined ? child : recursiveNode(child, subtracted);
    if (rest !== child) isSame = false;
    if (rest !== undefined) builder.add(element, rest);
  }
  return isSame ? node : builder.build();
}

/** The paths of `set` that are not in `other` and go on from none of its paths. */
export function recursiveDifference(set: FieldSet, other: FieldSet): FieldSet {
  if (isEmpty(set) || isEmpty(other)) return set;
  return recursiveNode(set, other) ?? noFields;
}

/** Steps that lead to paths, from the root; `*` stands for any. */
export type PathPattern = readonly string[];

/** The paths that lie on the way to what the patterns name, or below it. */
export function matchingPaths(set: FieldSet, patterns: readonly PathPattern[]): FieldSet {
  if (patterns.some((pattern) => pattern.length === 0)) return set;
  const builder = new NodeBuilder(set["."] !== undefined);
  for (const [element, child] of childrenOf(set)) {
    const rest = patterns.filter(([first]) => first === "*" || first === element).map(([, ...more]) => more);
    if (rest.length === 0) continue;
    const node = isEmpty(child) ? child : matchingPaths(child, rest);
    if (isMember(child) || !isEmpty(node)) builder.add(element, node);
  }
  return builder.build() ?? noFields;
}

function intersectionNode(left: FieldSet, right: FieldSet): FieldSet | undefined {
  const builder = new NodeBuilder(isMember(left) && isMember(right));
  for (const [element, child] of childrenOf(left)) {
    const other = right[element];
    const common = other === undefined ? undefined : intersectionNode(child, other);
    if (common !== undefined) builder.add(element, common);
  }
  return builder.build();
}

/** The paths of both. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmpty(left) || isEmpty(right)) return noFields;
  return intersectionNode(left, right) ?? noFields;
}

/** Whether the path that one step makes is in the set. */
export function hasElement(set: FieldSet, element: string): boolean {
  const node = set[element];
  return node !== undefined && isMember(node);
}

/** The paths that go on from a step, without it; empty where none does. */
export function below(set: FieldSet, element: string): FieldSet {
  const node = set[element];
  if (node === undefined || node["."] === undefined) return node ?? noFields;
  const { ".": _self, ...rest } = node;
  return rest;
}

export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) {
    node = node[element];
    if (node === undefined) return false;
  }
  return path.length > 0 && isMember(node);
}

export function equalSets(left: FieldSet, right: FieldSet): boolean {
  if (left === right) return true;
  const elements = Object.keys(left);
  if (elements.length !== Object.keys(right).length) return false;
  for (const element of elements) {
    const [child, other] = [left[element], right[element]];
    if (child === undefined || other === undefined || !equalSets(child, other)) return false;
  }
  return true;
}

/** All paths: at each node those that end there, then those that go on. */
export function pathsOf(set: FieldSet, prefix: readonly string[] = []): ReadonlyArray<readonly string[]> {
  const paths: Array<readonly string[]> = [];
  const children = childrenOf(set);
  for (const [element, node] of children) if (isMember(node)) paths.push([...prefix, element]);
  for (const [element, node] of children) paths.push(...pathsOf(node, [...prefix, element]));
  return paths;
}

export function setOfPaths(paths: Iterable<readonly string[]>): FieldSet {
  let set = noFields;
  for (const path of paths) {
    let node = leaf;
    for (const element of path.toReversed()) node = { [element]: node };
    if (path.length > 0) set = union(set, node);
  }
  return set;
}

/** A path as messages show it: `.spec.containers[name="web"].image`. */
export function displayPath(path: readonly string[]): string {
  return path.map(displayElement).join("");
}

/**
 * Reads a set that a client sent and brings it to the one form. Steps of unknown kinds are left out. Throws a
 * `PathElementError` for what is no set.
 */
export function parseFieldSet(value: JsonValue | undefined): FieldSet {
  const parsed = isJsonObject(value) ? parseNode(value) : undefined;
  if (parsed === undefined || parsed["."] === undefined) return parsed ?? noFields;
  return below({ "f:": parsed }, "f:");
}

function parseNode(value: JsonValue | undefined): FieldSet | undefined {
  if (!isJsonObject(value)) return leaf;
  const elements = Object.keys(value).filter(isPathElement);
  const builder = new NodeBuilder(value["."] !== undefined || elements.length === 0);
  for (const element of elements) builder.add(canonicalElement(element), parseNode(value[element]) ?? leaf);
  return builder.build();
}
