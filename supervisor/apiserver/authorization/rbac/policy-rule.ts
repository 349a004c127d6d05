/** Rules of roles: what they allow, cover and read like (kubernetes `pkg/apis/rbac`, `component-helpers/auth/rbac`). */
import type { V1PolicyRule } from "../../../api/generated/types.ts";
import type { Attributes } from "../authorizer.ts";

type Rule = V1PolicyRule;

/** A list in which `*` stands for everything. */
class Wanted {
  readonly #all: boolean;
  readonly #values: ReadonlySet<string>;

  constructor(values: readonly string[] = []) {
    this.#values = new Set(values);
    this.#all = this.#values.has("*");
  }

  has(value: string): boolean {
    return this.#all || this.#values.has(value);
  }
}

/** A rule made ready for many questions. */
export class CompiledRule {
  readonly rule: Rule;
  readonly #verbs: Wanted;
  readonly #groups: Wanted;
  readonly #resources: Wanted;
  readonly #names: ReadonlySet<string>;

  constructor(rule: Rule) {
    this.rule = rule;
    this.#verbs = new Wanted(rule.verbs);
    this.#groups = new Wanted(rule.apiGroups);
    this.#resources = new Wanted(rule.resources);
    this.#names = new Set(rule.resourceNames);
  }

  allows(attributes: Attributes): boolean {
    if (!this.#verbs.has(attributes.verb)) return false;
    if (!attributes.isResource) return allowsPath(this.rule, attributes.path);
    const { group, resource, subresource, name } = attributes;
    if (!this.#groups.has(group)) return false;
    const fits =
      subresource === ""
        ? this.#resources.has(resource)
        : this.#resources.has(`${resource}/${subresource}`) || this.#resources.has(`*/${subresource}`);
    return fits && (this.#names.size === 0 || this.#names.has(name));
  }
}

function allowsPath(rule: Rule, path: string): boolean {
  return (rule.nonResourceURLs ?? []).some((url) => urlCovers(url, path));
}

/** Whether a URL of a rule is or holds another; a `*` at its end stands for any rest. */
function urlCovers(owned: string, wanted: string): boolean {
  if (owned === "*" || owned === wanted) return true;
  return owned.endsWith("*") && wanted.startsWith(owned.replace(/\*+$/, ""));
}

/** The rules that each ask for one thing, of which all together ask for what the rule does. */
export function breakDown(rule: Rule): readonly Rule[] {
  // A rule that is only asked for may lack its verbs: validation comes later.
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs = [] } = rule;
  const names = resourceNames.length === 0 ? [undefined] : resourceNames;
  const broken: Rule[] = [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        for (const name of names) {
          const one = { apiGroups: [group], resources: [resource], verbs: [verb] };
          broken.push(name === undefined ? one : { ...one, resourceNames: [name] });
        }
      }
    }
  }
  for (const url of nonResourceURLs) {
    for (const verb of verbs) broken.push({ nonResourceURLs: [url], verbs: [verb] });
  }
  return broken;
}

/** Whether a rule gives all that another one, which {@link breakDown} made, asks for. */
export function covers(owner: Rule, wanted: Rule): boolean {
  const verbs = hasAll(owner.verbs, wanted.verbs);
  const groups = hasAll(owner.apiGroups, wanted.apiGroups);
  const urls = (wanted.nonResourceURLs ?? []).every((url) =>
    (owner.nonResourceURLs ?? []).some((owned) => urlCovers(owned, url)),
  );
  const ownNames = owner.resourceNames ?? [];
  const wantedNames = wanted.resourceNames ?? [];
  const names =
    wantedNames.length === 0
      ? ownNames.length === 0
      : ownNames.length === 0 || wantedNames.every((name) => ownNames.includes(name));
  return verbs && groups && coversResources(owner, wanted) && urls && names;
}

function hasAll(owned: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return owned.includes("*") || wanted.every((value) => owned.includes(value));
}

function coversResources(owner: Rule, wanted: Rule): boolean {
  const owned = owner.resources ?? [];
  if (hasAll(owned, wanted.resources)) return true;
  return (wanted.resources ?? []).every((resource) => {
    if (owned.includes(resource)) return true;
    const slash = resource.indexOf("/");
    return slash >= 0 && owned.includes(`*/${resource.slice(slash + 1)}`);
  });
}

/** The rules with the verbs of those put together that ask for the same single thing. */
export function compacted(rules: readonly Rule[]): readonly Rule[] {
  const merged = new Map<string, { -readonly [Key in keyof Rule]: Rule[Key] }>();
  const others: Rule[] = [];
  for (const rule of rules) {
    const { apiGroups = [], resources = [], nonResourceURLs = [], resourceNames = [] } = rule;
    if (apiGroups.length !== 1 || resources.length !== 1 || nonResourceURLs.length > 0) {
      others.push(rule);
      continue;
    }
    const key = JSON.stringify([apiGroups, resources, resourceNames.length === 1 ? resourceNames : []]);
    const known = resourceNames.length > 1 ? undefined : merged.get(key);
    if (known === undefined) merged.set(resourceNames.length > 1 ? `${key}${merged.size}` : key, { ...rule });
    else known.verbs = [...known.verbs, ...rule.verbs];
  }
  return [...merged.values(), ...others];
}

/** Texts as Go's `%q` prints a list of them. */
export function quoteList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(" ")}]`;
}

/** A rule in one line: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
export function compactText(rule: Rule): string {
  const parts: ReadonlyArray<readonly [string, readonly string[] | undefined]> = [
    ["APIGroups", rule.apiGroups],
    ["Resources", rule.resources],
    ["NonResourceURLs", rule.nonResourceURLs],
    ["ResourceNames", rule.resourceNames],
    ["Verbs", rule.verbs],
  ];
  const shown = parts.flatMap(([label, values]) =>
    values === undefined || values.length === 0 ? [] : [`${label}:${quoteList(values)}`],
  );
  return `{${shown.join(", ")}}`;
}
