import { ApiError } from "../../../apimachinery/errors.ts";
import type { JsonObject } from "../../../apimachinery/json/json-value.ts";
import { newInternalError } from "../../../apimachinery/status-errors.ts";
import { messageOf } from "../../../base/errors.ts";

/** A webhook has said no (apiserver `admission/plugin/webhook/errors`). */
export function webhookRefusal(name: string, status: JsonObject | undefined): ApiError {
  const by = `admission webhook ${JSON.stringify(name)} denied the request`;
  const { message, reason, code, details } = status ?? {};
  const why = message || reason;
  const known = typeof code === "number" && code >= 400 ? code : 400;
  return new ApiError({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: why ? `${by}: ${String(why)}` : `${by} without explanation`,
    ...(typeof reason === "string" && reason !== "" ? { reason } : {}),
    // A status is what its webhook makes of it; clients read it as they read ours.
    ...(details === undefined ? {} : { details: details as NonNullable<ApiError["status"]["details"]> }),
    code: known,
  });
}

/** A webhook that must be asked could not be. */
export function webhookFailure(name: string, error: unknown): ApiError {
  const why = messageOf(error);
  return newInternalError(
    new Error(`failed calling webhook ${JSON.stringify(name)}: failed to call webhook: ${why}`, {
      cause: error,
    }),
  );
}
