import { apiEncoder } from "../../api/message-set.ts";
import type { ResourceRequestInfo } from "../request-info.ts";
import {
  customObjectRules,
  customWatchRules,
  type OutputRules,
  objectRules,
  watchRules,
} from "./output-format.ts";

/** How a request for a resource may be answered; only built-in kinds have a protobuf form. */
export function outputRules({ verb }: ResourceRequestInfo, model: string): OutputRules {
  const isBuiltIn = apiEncoder.has(model);
  if (verb === "watch") return isBuiltIn ? watchRules : customWatchRules;
  return isBuiltIn ? objectRules : customObjectRules;
}
