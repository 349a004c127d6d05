import { parseFieldSelector } from "../../../apimachinery/fields.ts";
import { SelectorError } from "../../../apimachinery/labels.ts";
import type { Authorizer } from "../../authorization/authorizer.ts";
import type { AccessCheck } from "./activation.ts";

/** Lets expressions ask who may do what. */
export function accessCheck(authorizer: Authorizer): AccessCheck {
  return (user, question) => {
    const attributes = question.isResource
      ? { ...question, ...selectedFields(question.fieldSelector) }
      : { isResource: false as const, verb: question.verb, path: question.path };
    const { decision, reason } = authorizer.authorize(user, attributes);
    return { allowed: decision === "allow", reason };
  };
}

/** A selector that cannot be read is none. */
function selectedFields(selector: string) {
  if (selector === "") return {};
  try {
    return { fields: parseFieldSelector(selector) };
  } catch (error) {
    if (error instanceof SelectorError) return {};
    throw error;
  }
}
