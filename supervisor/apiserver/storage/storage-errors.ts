import { ApiError } from "../../apimachinery/errors.ts";
import {
  newInternalError,
  newResourceExpired,
  newServiceUnavailable,
  newTooLargeResourceVersion,
} from "../../apimachinery/status-errors.ts";
import { CompactedError, FutureRevisionError, StorageFailureError } from "../../storage/backend.ts";

/** The API error for whatever was thrown while a request was served. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof CompactedError) {
    return newResourceExpired(`too old resource version: ${error.requested} (${error.compacted})`);
  }
  if (error instanceof FutureRevisionError) return newTooLargeResourceVersion(error.requested, error.current);
  if (error instanceof StorageFailureError) return newServiceUnavailable(error.message);
  return newInternalError(error);
}
