/** How a client wants its answer, from the Accept header (kubernetes `apiserver/pkg/endpoints/handlers/negotiation`). */
import { newNotAcceptable } from "../../apimachinery/status-errors.ts";
import { type AcceptClause, acceptClauses } from "./accept-clauses.ts";

export const protobufMediaType = "application/vnd.kubernetes.protobuf";

export type MediaType = "application/json" | "application/yaml" | typeof protobufMediaType;

export interface OutputFormat {
  readonly mediaType: MediaType;
  /** Another form of the object: `Table`, `PartialObjectMetadata`, `PartialObjectMetadataList`, the discovery lists. */
  readonly as: string;
  readonly group: string;
  readonly version: string;
  /** Set by `pretty=1` among the type's own parameters. */
  readonly pretty?: boolean;
}

/** What a path can answer with. */
export interface OutputRules {
  /** Whether it has a form; `as` is empty for its own. */
  allows(format: OutputFormat): boolean;
  /** The types that a refusal names. */
  readonly supported: readonly string[];
}

export const plainJson: OutputFormat = { mediaType: "application/json", as: "", group: "", version: "" };

const mediaTypes: readonly MediaType[] = ["application/json", "application/yaml", protobufMediaType];
const objectForms = ["Table", "PartialObjectMetadata", "PartialObjectMetadataList"];

function isMetaForm({ as, group, version, mediaType }: OutputFormat): boolean {
  if (group !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) return false;
  return objectForms.includes(as) && (as !== "Table" || mediaType !== protobufMediaType);
}

/** Objects of built-in kinds. */
export const objectRules: OutputRules = {
  allows: (format) => format.as === "" || isMetaForm(format),
  supported: mediaTypes,
};

/** Objects of custom kinds: they have no protobuf, only what is known of each object. */
export const customObjectRules: OutputRules = {
  allows: (format) => (format.as === "" ? format.mediaType !== protobufMediaType : isMetaForm(format)),
  supported: mediaTypes,
};

function isNoYaml({ mediaType }: OutputFormat): boolean {
  return mediaType !== "application/yaml";
}

const streamTypes = [`application/json;stream=watch`, `${protobufMediaType};stream=watch`];

/** Watches, which YAML has no frames for. */
export const watchRules: OutputRules = {
  allows: (format) => isNoYaml(format) && objectRules.allows(format),
  supported: streamTypes,
};

export const customWatchRules: OutputRules = {
  allows: (format) => isNoYaml(format) && customObjectRules.allows(format),
  supported: streamTypes,
};

/** Documents that have no other form. */
export const documentRules: OutputRules = { allows: ({ as }) => as === "", supported: mediaTypes };

function accepts({ type, subtype }: AcceptClause, mediaType: MediaType): boolean {
  return (
    type === "*" || (type === "application" && (subtype === "*" || `application/${subtype}` === mediaType))
  );
}

function formatOf({ parameters }: AcceptClause, mediaType: MediaType): OutputFormat {
  const [as = "", group = "", version = ""] = ["as", "g", "v"].map((name) => parameters.get(name));
  const format = { mediaType, as, group, version };
  return parameters.get("pretty") === "1" ? { ...format, pretty: true } : format;
}

function isPossible({ parameters }: AcceptClause): boolean {
  const stream = parameters.get("stream") ?? "";
  return stream === "" || stream === "watch";
}

/** Formats found before, by the rules and the header. */
const known = new WeakMap<OutputRules, Map<string, OutputFormat>>();
const maxKnown = 1000;

function find(accept: string, rules: OutputRules): OutputFormat | undefined {
  for (const clause of acceptClauses(accept)) {
    if (!isPossible(clause)) continue;
    for (const mediaType of mediaTypes) {
      if (!accepts(clause, mediaType)) continue;
      const format = formatOf(clause, mediaType);
      if (rules.allows(format)) return format;
    }
  }
  return undefined;
}

/** The best form that the client accepts and the path has; undefined for none. */
export function findFormat(accept: string | null, rules: OutputRules): OutputFormat | undefined {
  if (accept === null || accept === "" || accept === "application/json" || accept === "*/*") return plainJson;
  const formats = known.get(rules) ?? new Map<string, OutputFormat>();
  if (formats.size === 0) known.set(rules, formats);
  const before = formats.get(accept);
  if (before !== undefined) return before;
  const format = find(accept, rules);
  if (format !== undefined && formats.size < maxKnown) formats.set(accept, format);
  return format;
}

/** As {@link findFormat}; throws NotAcceptable for none. */
export function negotiateOutput(accept: string | null, rules: OutputRules = objectRules): OutputFormat {
  const format = findFormat(accept, rules);
  if (format === undefined) throw newNotAcceptable(rules.supported);
  return format;
}
