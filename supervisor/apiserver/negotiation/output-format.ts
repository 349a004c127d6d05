/** How a client wants its answer, from the Accept header (kubernetes `apiserver/pkg/endpoints/handlers/negotiation`). */
import { newNotAcceptable } from "../../apimachinery/status-errors.ts";

export interface OutputFormat {
  readonly mediaType: "application/json" | "application/yaml";
  /** Another form of the object: `Table`, `PartialObjectMetadata`, `PartialObjectMetadataList`, the discovery lists. */
  readonly as: string;
  readonly group: string;
  readonly version: string;
}

const plainJson: OutputFormat = { mediaType: "application/json", as: "", group: "", version: "" };
const accepted = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const objectForms = ["Table", "PartialObjectMetadata", "PartialObjectMetadataList"];

const known = new Map<string, OutputFormat | undefined>();
const maxKnown = 1000;

function parseClause(clause: string): OutputFormat | undefined {
  const [type = "", ...parameters] = clause.split(";").map((part) => part.trim());
  const isYaml = type === "application/yaml";
  if (!isYaml && !["application/json", "*/*", "application/*"].includes(type)) return undefined;
  const given = new Map(parameters.map((parameter) => parameter.split("=", 2) as [string, string]));
  const { as = "", g = "", v = "" } = Object.fromEntries(given);
  return { mediaType: isYaml ? "application/yaml" : "application/json", as, group: g, version: v };
}

function isObjectForm(format: OutputFormat): boolean {
  if (format.as === "") return true;
  return objectForms.includes(format.as) && format.group === "meta.k8s.io" && format.version === "v1";
}

/**
 * The first clause that the server can satisfy; `allows` says which forms the path has. Throws NotAcceptable.
 */
export function negotiateOutput(
  accept: string | null,
  allows: (format: OutputFormat) => boolean = isObjectForm,
): OutputFormat {
  if (accept === null || accept === "" || accept === "application/json" || accept === "*/*") return plainJson;
  const cacheable = allows === isObjectForm;
  const cached = cacheable ? known.get(accept) : undefined;
  if (cached !== undefined) return cached;
  const formats = accept.split(",").map((clause) => parseClause(clause));
  const format = formats.find((candidate) => candidate !== undefined && allows(candidate));
  if (format === undefined) throw newNotAcceptable(accepted);
  if (cacheable && known.size < maxKnown) known.set(accept, format);
  return format;
}
