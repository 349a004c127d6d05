/** Whether a policy or a binding is for a write (apiserver `admission/plugin/policy/matching`). */
import type { V1LabelSelector, V1MatchResources } from "../../../api/generated/types.ts";
import { selectorRequirements } from "../../../apimachinery/label-selector.ts";
import { type Labels, matchesLabels } from "../../../apimachinery/labels.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import type { AdmissionTarget } from "./admission-target.ts";
import { type AdmissionRule, matchesRule } from "./match-rules.ts";

export interface MatchSubject {
  readonly target: AdmissionTarget;
  /** The same resource by its other versions; asked for only where rules name none of the request's own. */
  equivalents(): readonly AdmissionTarget[];
  readonly object: ApiObject | undefined;
  readonly old: ApiObject | undefined;
  /** The labels of the namespace; rejects with an API error where there is none. */
  namespaceLabels(): Promise<Labels>;
}

/** The target as the rules name it, perhaps by another version of the resource; undefined for no match. */
export async function matchResources(
  criteria: V1MatchResources | undefined,
  subject: MatchSubject,
): Promise<AdmissionTarget | undefined> {
  const { target } = subject;
  if (criteria === undefined) return target;
  const isEquivalent = criteria.matchPolicy !== "Exact";
  const { excludeResourceRules, resourceRules, namespaceSelector, objectSelector } = criteria;
  if (findTarget(excludeResourceRules ?? [], subject, isEquivalent) !== undefined) return undefined;
  const matched = resourceRules?.length ? findTarget(resourceRules, subject, isEquivalent) : target;
  if (matched === undefined || !matchesObject(objectSelector, subject)) return undefined;
  return (await matchesNamespace(namespaceSelector, subject)) ? matched : undefined;
}

function findTarget(
  rules: readonly AdmissionRule[],
  subject: MatchSubject,
  isEquivalent: boolean,
): AdmissionTarget | undefined {
  if (rules.length === 0) return undefined;
  if (rules.some((rule) => matchesRule(rule, subject.target))) return subject.target;
  if (!isEquivalent) return undefined;
  return subject.equivalents().find((target) => rules.some((rule) => matchesRule(rule, target)));
}

function isEmpty(selector: V1LabelSelector | undefined): boolean {
  if (selector === undefined) return true;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return matchExpressions.length === 0 && Object.keys(matchLabels).length === 0;
}

function selects(selector: V1LabelSelector | undefined, labels: Labels | undefined): boolean {
  const requirements = selectorRequirements(selector ?? {});
  return requirements !== undefined && matchesLabels(requirements, labels);
}

function matchesObject(selector: V1LabelSelector | undefined, { object, old }: MatchSubject): boolean {
  if (isEmpty(selector)) return true;
  return [object, old].some((state) => state !== undefined && selects(selector, state.metadata?.labels));
}

async function matchesNamespace(
  selector: V1LabelSelector | undefined,
  subject: MatchSubject,
): Promise<boolean> {
  if (isEmpty(selector)) return true;
  const { target, object, old } = subject;
  if (target.isNamespace && target.subresource === "" && target.operation !== "CONNECT") {
    return selects(selector, (object ?? old)?.metadata.labels);
  }
  return target.namespace === "" || selects(selector, await subject.namespaceLabels());
}
