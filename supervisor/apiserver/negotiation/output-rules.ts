import { apiEncoder } from "../../api/message-set.ts";
import type { ResourceDefinition } from "../../registry/resource-definition.ts";
import type { ResourceRequestInfo } from "../request-info.ts";
import {
  customObjectRules,
  customWatchRules,
  documentRules,
  type OutputRules,
  objectRules,
  watchRules,
} from "./output-format.ts";

/** How a request for a resource may be answered; only built-in kinds have a protobuf form. */
export function outputRules(
  { verb }: ResourceRequestInfo,
  { model, isReview }: Pick<ResourceDefinition, "model" | "isReview">,
): OutputRules {
  // What is only answered is no object that could be shown otherwise.
  if (isReview) return documentRules;
  const isBuiltIn = apiEncoder.has(model);
  if (verb === "watch") return isBuiltIn ? watchRules : customWatchRules;
  return isBuiltIn ? objectRules : customObjectRules;
}
