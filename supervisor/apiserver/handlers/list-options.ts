/** The options of LIST and WATCH, from the query (meta/v1 `ListOptions`). */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
} from "../../apimachinery/field-error.ts";
import { newBadRequest, newInvalid, newTooLargeResourceVersion } from "../../apimachinery/status-errors.ts";
import type { Backend } from "../../storage/backend.ts";
import { isTrue } from "../request-info.ts";

export interface ListOptions {
  readonly limit: number;
  readonly continue: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly timeoutSeconds: number;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean;
}

const none: ListOptions = {
  limit: 0,
  continue: "",
  resourceVersion: "",
  resourceVersionMatch: "",
  timeoutSeconds: 0,
  allowWatchBookmarks: false,
  sendInitialEvents: false,
};

function integer(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? "";
  if (text === "") return 0;
  if (!/^-?\d{1,18}$/.test(text)) {
    throw newBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

/** Throws BadRequest and Invalid. */
export function listOptions(query: URLSearchParams, isWatch: boolean): ListOptions {
  if (query.size === 0) return none;
  const options: ListOptions = {
    limit: Math.max(0, integer(query, "limit")),
    continue: query.get("continue") ?? "",
    resourceVersion: query.get("resourceVersion") ?? "",
    resourceVersionMatch: query.get("resourceVersionMatch") ?? "",
    timeoutSeconds: Math.max(0, integer(query, "timeoutSeconds")),
    allowWatchBookmarks: isTrue(query.get("allowWatchBookmarks")),
    sendInitialEvents: isTrue(query.get("sendInitialEvents")),
  };
  const errors = isWatch ? watchErrors(options, query.has("sendInitialEvents")) : listErrors(options, query);
  if (errors.length > 0) throw newInvalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", errors);
  return options;
}

const matchField = "resourceVersionMatch";

function listErrors(options: ListOptions, query: URLSearchParams): readonly FieldError[] {
  const { resourceVersionMatch: match, resourceVersion } = options;
  if (query.has("sendInitialEvents")) {
    return [forbiddenField("sendInitialEvents", "sendInitialEvents is forbidden for list")];
  }
  if (match === "") return [];
  if (options.continue !== "") {
    return [forbiddenField(matchField, "resourceVersionMatch is forbidden when continue is provided")];
  }
  if (resourceVersion === "") {
    return [
      forbiddenField(matchField, "resourceVersionMatch is forbidden unless resourceVersion is provided"),
    ];
  }
  if (match !== "Exact" && match !== "NotOlderThan") {
    return [notSupportedField(matchField, match, ["Exact", "NotOlderThan", ""])];
  }
  if (match === "Exact" && resourceVersion === "0") {
    const detail = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"';
    return [forbiddenField(matchField, detail)];
  }
  return [];
}

function watchErrors(options: ListOptions, hasInitialEvents: boolean): readonly FieldError[] {
  const { resourceVersionMatch: match } = options;
  if (hasInitialEvents) {
    if (match === "NotOlderThan") return [];
    const detail = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
    return [forbiddenField(matchField, detail)];
  }
  if (match === "") return [];
  return [
    forbiddenField(
      matchField,
      "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
    ),
  ];
}

/** The revision that a resource version stands for; 0 for the empty one. Throws Invalid for what is none. */
export function parseResourceVersion(text: string): number {
  if (text === "" || text === "0") return 0;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const detail = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw newInvalid({ group: "", kind: "" }, "", [invalidField("resourceVersion", text, detail)]);
}

/** Throws a time-out where the store has not come as far as the client wants. */
export function requireResourceVersion(text: string | null, backend: Backend): number {
  const revision = parseResourceVersion(text ?? "");
  const current = backend.currentRevision();
  if (revision > current) throw newTooLargeResourceVersion(revision, current);
  return revision;
}
