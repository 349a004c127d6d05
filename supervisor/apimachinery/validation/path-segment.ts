import type { FormatCheck } from "./formats.ts";

const wholeNames: ReadonlySet<string> = new Set([".", ".."]);
const parts = ["/", "%"];

/** A name that only has to fit into a URL's path (apimachinery `pkg/api/validation/path`, `IsValidPathSegmentName`). */
export const checkPathSegment: FormatCheck = (name) => {
  if (wholeNames.has(name)) return [`may not be '${name}'`];
  return parts.filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
};
