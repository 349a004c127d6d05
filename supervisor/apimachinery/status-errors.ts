/** Makes the API's errors with kube-apiserver's codes, reasons and texts (apimachinery `pkg/api/errors`). */
import { ApiError, type StatusCause, type StatusDetails } from "./errors.ts";
import type { FieldError } from "./field-error.ts";

export interface GroupResource {
  /** The empty text for the core group. */
  readonly group: string;
  readonly resource: string;
}

export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

function failure(code: number, reason: string, message: string, details?: StatusDetails): ApiError {
  const base = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason,
  } as const;
  return new ApiError(details === undefined ? { ...base, code } : { ...base, details, code });
}

/** `pods`, or `leases.coordination.k8s.io`. */
function qualified(group: string, name: string): string {
  return group === "" ? name : `${name}.${group}`;
}

function resourceDetails(resource: GroupResource, name: string, more: StatusDetails = {}): StatusDetails {
  return {
    ...(name === "" ? {} : { name }),
    ...(resource.group === "" ? {} : { group: resource.group }),
    ...(resource.resource === "" ? {} : { kind: resource.resource }),
    ...more,
  };
}

function withSubject(resource: GroupResource, name: string): string {
  return `${qualified(resource.group, resource.resource)} ${quote(name)}`;
}

/** A text in double quotes as Go's `%q` writes it. */
function quote(text: string): string {
  return JSON.stringify(text);
}

export function newNotFound(resource: GroupResource, name: string): ApiError {
  return failure(
    404,
    "NotFound",
    `${withSubject(resource, name)} not found`,
    resourceDetails(resource, name),
  );
}

/** No handler knows the path, or what it names (apimachinery `NewGenericServerResponse` for 404). */
export function newPathNotFound(): ApiError {
  return failure(404, "NotFound", "the server could not find the requested resource", {});
}

export function newAlreadyExists(resource: GroupResource, name: string): ApiError {
  const message = `${withSubject(resource, name)} already exists`;
  return failure(409, "AlreadyExists", message, resourceDetails(resource, name));
}

/** No free name was found for `metadata.generateName`. */
export function newGenerateNameConflict(resource: GroupResource, name: string): ApiError {
  const message = `${withSubject(resource, name)} already exists, the server was not able to generate a unique name for the object`;
  const details = resourceDetails(resource, name, { retryAfterSeconds: 1 });
  return failure(409, "AlreadyExists", message, details);
}

export function newConflict(resource: GroupResource, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${withSubject(resource, name)}: ${why}`;
  return failure(409, "Conflict", message, resourceDetails(resource, name));
}

/** The text of a lost race between two writers. */
export const optimisticLockMessage =
  "the object has been modified; please apply your changes to the latest version and try again";

/** Somebody else owns fields that were applied: one cause for each. */
export function newApplyConflict(causes: readonly StatusCause[], message: string): ApiError {
  return failure(409, "Conflict", message, { causes });
}

export function newForbidden(
  resource: GroupResource,
  name: string,
  why: string,
  causes?: readonly StatusCause[],
): ApiError {
  const subject =
    resource.resource === ""
      ? "forbidden"
      : name === ""
        ? `${qualified(resource.group, resource.resource)} is forbidden`
        : `${withSubject(resource, name)} is forbidden`;
  const details = resourceDetails(resource, name, causes === undefined ? {} : { causes });
  return failure(403, "Forbidden", `${subject}: ${why}`, details);
}

export function newUnauthorized(): ApiError {
  return failure(401, "Unauthorized", "Unauthorized");
}

export function newBadRequest(message: string): ApiError {
  return failure(400, "BadRequest", message);
}

/** What fails validation: one cause for each field. */
export function newInvalid(kind: GroupKind, name: string, errors: readonly FieldError[]): ApiError {
  const subject = `${qualified(kind.group, kind.kind)} ${quote(name)} is invalid`;
  const texts = Array.from(new Set(errors.map((error) => `${error.field}: ${error.body}`)));
  const [first] = texts;
  const list = texts.length > 1 ? `[${texts.join(", ")}]` : first;
  const details: StatusDetails = {
    ...(name === "" ? {} : { name }),
    ...(kind.group === "" ? {} : { group: kind.group }),
    kind: kind.kind,
    causes: errors.map((error) => ({ reason: error.type, message: error.body, field: error.field })),
  };
  return failure(422, "Invalid", list === undefined ? subject : `${subject}: ${list}`, details);
}

/** The kept history does not reach back to the resource version that was asked for. */
export function newResourceExpired(message: string, continueToken?: string): ApiError {
  const error = failure(410, "Expired", message);
  if (continueToken === undefined) return error;
  return new ApiError({ ...error.status, metadata: { continue: continueToken } });
}

/** The resource version that was asked for lies in the future. */
export function newTooLargeResourceVersion(requested: number, current: number): ApiError {
  const message = `Too large resource version: ${requested}, current: ${current}`;
  return failure(504, "Timeout", `Timeout: ${message}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });
}

export function newTimeout(message: string): ApiError {
  return failure(504, "Timeout", `Timeout: ${message}`);
}

/** The method is none that the path has. */
export function newMethodNotAllowed(): ApiError {
  return failure(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    {},
  );
}

export function newNotAcceptable(accepted: readonly string[]): ApiError {
  const message = `only the following media types are accepted: ${accepted.join(", ")}`;
  return failure(406, "NotAcceptable", message);
}

/** The object has not the form that the client asks for. */
export function newNotAcceptableForm(why: string): ApiError {
  return failure(406, "NotAcceptable", why);
}

export function newUnsupportedMediaType(accepted: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`;
  return failure(415, "UnsupportedMediaType", message);
}

export function newRequestEntityTooLarge(limitBytes: number): ApiError {
  const message = `Request entity too large: limit is ${limitBytes}`;
  return failure(413, "RequestEntityTooLarge", message);
}

/** What the store itself refuses; clients know it by its text alone. */
export function newStorageFailure(message: string): ApiError {
  const head = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure" } as const;
  return new ApiError({ ...head, message, code: 500 });
}

export function newTooManyRequests(message: string, retryAfterSeconds: number): ApiError {
  return failure(429, "TooManyRequests", message, { retryAfterSeconds });
}

/** A JSON patch of more operations than are allowed. */
export function newTooManyOperations(limit: number, count: number): ApiError {
  const why = `The allowed maximum operations in a JSON patch is ${limit}, got ${count}`;
  return failure(413, "RequestEntityTooLarge", `Request entity too large: ${why}`);
}

export function newServiceUnavailable(message: string): ApiError {
  return failure(503, "ServiceUnavailable", message);
}

/** A fault of the server itself; `cause` is kept for its log, its message goes to the client as upstream's does. */
export function newInternalError(cause: unknown): ApiError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const error = failure(500, "InternalError", `Internal error occurred: ${why}`, {
    causes: [{ message: why }],
  });
  return new ApiError(error.status, { cause });
}

/** An error that upstream has no reason for: a message and the code 500. */
export function newPlainFailure(message: string): ApiError {
  const { reason: _reason, ...status } = failure(500, "", message).status;
  return new ApiError(status);
}

/** A patch that cannot be applied; why is kept for the log, as upstream does. */
export function newUnprocessable(cause: Error): ApiError {
  const message = "the server rejected our request due to an error in our request";
  return new ApiError(failure(422, "Invalid", message, {}).status, { cause });
}
