/** The one error type of the API: what a server answers as a `Status` and a client throws for it (meta/v1). */

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface Status {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata?: object;
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** An error that is, or becomes, a `Status` on the wire. Its message is the Status' own. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: Status,
    options?: ErrorOptions,
  ) {
    super(status.message ?? status.reason ?? `Status ${status.code ?? "unknown"}`, options);
  }

  /** The HTTP status code; 500 where the Status has none. */
  get code(): number {
    return this.status.code ?? 500;
  }

  /** The machine-readable reason (meta/v1 `StatusReason`); empty where the Status has none. */
  get reason(): string {
    return this.status.reason ?? "";
  }
}

/** Whether `error` is an {@link ApiError} with this reason. */
function hasReason(error: unknown, ...reasons: readonly string[]): boolean {
  return error instanceof ApiError && reasons.includes(error.reason);
}

export function isNotFound(error: unknown): boolean {
  return hasReason(error, "NotFound");
}

export function isAlreadyExists(error: unknown): boolean {
  return hasReason(error, "AlreadyExists");
}

export function isConflict(error: unknown): boolean {
  return hasReason(error, "Conflict");
}

export function isForbidden(error: unknown): boolean {
  return hasReason(error, "Forbidden");
}

export function isUnauthorized(error: unknown): boolean {
  return hasReason(error, "Unauthorized");
}

/** A resourceVersion or a continue token is older than the kept history: list again (`Expired` is the newer word). */
export function isGone(error: unknown): boolean {
  return hasReason(error, "Gone", "Expired");
}
