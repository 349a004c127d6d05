/** What an access review asks, as authorizers are asked it (kubernetes `pkg/registry/authorization/util`). */
import type {
  V1FieldSelectorAttributes,
  V1NonResourceAttributes,
  V1ResourceAttributes,
  V1SelfSubjectAccessReviewSpec,
  V1SubjectAccessReviewSpec,
} from "../../api/generated/types.ts";
import { type FieldError, invalidField, requiredField } from "../../apimachinery/field-error.ts";
import { type FieldRequirement, parseFieldSelector } from "../../apimachinery/fields.ts";
import { SelectorError } from "../../apimachinery/labels.ts";
import type { Attributes } from "../authorization/authorizer.ts";

type Spec = V1SelfSubjectAccessReviewSpec;

export function attributesOf({ resourceAttributes, nonResourceAttributes }: Spec): Attributes {
  if (resourceAttributes !== undefined) return ofResource(resourceAttributes);
  return ofPath(nonResourceAttributes ?? {});
}

function ofResource(given: V1ResourceAttributes): Attributes {
  const { verb = "", group = "", version = "", namespace = "", resource = "" } = given;
  const { subresource = "", name = "", fieldSelector } = given;
  const fields = fieldSelector === undefined ? [] : fieldsOf(fieldSelector);
  return { isResource: true, verb, group, version, namespace, resource, subresource, name, fields };
}

function ofPath({ verb = "", path = "" }: V1NonResourceAttributes): Attributes {
  return { isResource: false, verb, path };
}

/** What cannot be understood narrows nothing: the question then is about more. */
function fieldsOf({
  rawSelector = "",
  requirements = [],
}: V1FieldSelectorAttributes): readonly FieldRequirement[] {
  const given = requirements.flatMap(({ key, operator, values = [] }): readonly FieldRequirement[] => {
    const [value] = values;
    if (value === undefined || values.length !== 1) return [];
    if (operator === "In") return [{ field: key, operator: "=", value }];
    return operator === "NotIn" ? [{ field: key, operator: "!=", value }] : [];
  });
  if (given.length > 0) return given;
  try {
    return parseFieldSelector(rawSelector);
  } catch (error) {
    if (error instanceof SelectorError) return [];
    throw error;
  }
}

/** The complaints of kubernetes `pkg/apis/authorization/validation`. */
export function validateQuestion(spec: Spec): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  const errors: FieldError[] = [];
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const why = "cannot be specified in combination with resourceAttributes";
    errors.push(invalidField("spec.nonResourceAttributes", nonResourceAttributes, why));
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const why = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    errors.push(invalidField("spec.resourceAttributes", undefined, why));
  }
  return [
    ...errors,
    ...validateSelector("spec.resourceAttributes.fieldSelector", resourceAttributes?.fieldSelector),
    ...validateSelector("spec.resourceAttributes.labelSelector", resourceAttributes?.labelSelector),
  ];
}

type Selector = Pick<V1FieldSelectorAttributes, "rawSelector" | "requirements">;

function validateSelector(path: string, selector: Selector | undefined): readonly FieldError[] {
  if (selector === undefined) return [];
  const { rawSelector = "", requirements = [] } = selector;
  if (rawSelector !== "" && requirements.length > 0) {
    return [
      invalidField(`${path}.rawSelector`, rawSelector, "may not specified at the same time as requirements"),
    ];
  }
  if (rawSelector !== "" || requirements.length > 0) return [];
  return [
    requiredField(
      `${path}.requirements`,
      "when rawSelector is empty, at least one requirement must be specified",
    ),
  ];
}

/** The complaints about whom a review is of. */
export function validateSubject({
  user = "",
  groups = [],
}: V1SubjectAccessReviewSpec): readonly FieldError[] {
  if (user !== "" || groups.length > 0) return [];
  return [invalidField("spec.user", user, "at least one of user or group must be specified")];
}
