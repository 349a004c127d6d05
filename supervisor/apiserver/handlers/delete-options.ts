import type { V1DeleteOptions } from "../../api/generated/types.ts";
import { type FieldError, invalidField, notSupportedField } from "../../apimachinery/field-error.ts";
import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import { newBadRequest, newInvalid } from "../../apimachinery/status-errors.ts";
import { decodeObject } from "../negotiation/decode-object.ts";
import { readOptionalObject } from "../negotiation/read-body.ts";
import { isTrue } from "../request-info.ts";

/** What becomes of the objects that name the deleted one as their owner. */
type Propagation = "Foreground" | "Background" | "Orphan";

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds?: number;
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Absent where the client leaves it to the object and its kind. */
  readonly propagation?: Propagation;
  /** The client said by the deprecated `orphanDependents: false` that dependents are to be deleted. */
  readonly cascadesByOldOption: boolean;
}

const policies = ["Foreground", "Background", "Orphan"];

/** From the body, or the query where there is none. Throws BadRequest and Invalid. */
export async function readDeleteOptions(request: Request, query: URLSearchParams): Promise<DeleteOptions> {
  return deleteOptionsOf((await optionsFromBody(request)) ?? optionsFromQuery(query));
}

/** What a client's options mean. Throws Invalid. */
export function deleteOptionsOf(given: V1DeleteOptions): DeleteOptions {
  validate(given);
  const { gracePeriodSeconds, preconditions, orphanDependents } = given;
  const propagation = propagationOf(given);
  return {
    dryRun: (given.dryRun ?? []).length > 0,
    cascadesByOldOption: orphanDependents === false,
    ...(propagation === undefined ? {} : { propagation }),
    // A negative time is the shortest one.
    ...(gracePeriodSeconds === undefined
      ? {}
      : { gracePeriodSeconds: gracePeriodSeconds < 0 ? 1 : gracePeriodSeconds }),
    ...(preconditions?.uid === undefined ? {} : { uid: preconditions.uid }),
    ...(preconditions?.resourceVersion === undefined
      ? {}
      : { resourceVersion: preconditions.resourceVersion }),
  };
}

function propagationOf({ propagationPolicy, orphanDependents }: V1DeleteOptions): Propagation | undefined {
  if (orphanDependents !== undefined) return orphanDependents ? "Orphan" : "Background";
  // Validation has let nothing else through.
  return propagationPolicy as Propagation | undefined;
}

async function optionsFromBody(request: Request): Promise<V1DeleteOptions | undefined> {
  const expected = { kind: "DeleteOptions", apiVersion: "v1", model: "V1DeleteOptions" };
  const given = await readOptionalObject(request, expected);
  if (given === undefined) return undefined;
  const { object, text } = given;
  // Every group's version has these options as its own kind.
  const body: JsonObject = { ...object, apiVersion: "v1" };
  const { metadata: _metadata, ...options } = decodeObject(body, expected, {
    validation: "Ignore",
    text,
    warnings: [],
  });
  // Decoding made these DeleteOptions.
  return options as V1DeleteOptions;
}

function optionsFromQuery(query: URLSearchParams): V1DeleteOptions {
  if (query.size === 0) return {};
  const grace = query.get("gracePeriodSeconds");
  if (grace !== null && !/^-?\d+$/.test(grace)) {
    throw newBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  }
  const policy = query.get("propagationPolicy");
  const dryRun = query.getAll("dryRun");
  const orphan = query.get("orphanDependents");
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(policy === null ? {} : { propagationPolicy: policy }),
    ...(orphan === null ? {} : { orphanDependents: isTrue(orphan) }),
    ...(dryRun.length === 0 ? {} : { dryRun }),
  };
}

function validate(options: V1DeleteOptions): void {
  const errors: FieldError[] = [];
  const { propagationPolicy: policy, orphanDependents, dryRun = [] } = options;
  if (policy !== undefined && orphanDependents !== undefined) {
    const detail = "orphanDependents and deletionPropagation cannot be both set";
    errors.push(invalidField("propagationPolicy", policy, detail));
  }
  if (policy !== undefined && !policies.includes(policy)) {
    errors.push(notSupportedField("propagationPolicy", policy, [...policies, "nil"]));
  }
  if (dryRun.some((value) => value !== "All")) errors.push(notSupportedField("dryRun", dryRun, ["All"]));
  if (errors.length > 0) throw newInvalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", errors);
}
