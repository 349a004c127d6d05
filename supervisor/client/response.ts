import { ApiError, type Status } from "../apimachinery/errors.ts";

/** The longest answer that is read: a page of 500 large objects fits, a runaway server does not. */
const maxBodyBytes = 256 * 1024 * 1024;
const maxErrorBytes = 1024 * 1024;

/** The reasons of answers that are no `Status`, by code (client-go, `NewGenericServerResponse`). */
const reasons: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  406: "NotAcceptable",
  409: "Conflict",
  410: "Gone",
  413: "RequestEntityTooLarge",
  415: "UnsupportedMediaType",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};

/** Reads a body whole. Throws where it is longer than `limitBytes`. */
export async function readBody(response: Response, limitBytes = maxBodyBytes): Promise<string> {
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  if (length <= limitBytes) return await response.text();
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) throw new Error(`The answer is longer than ${limitBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Reads a good answer's JSON, or throws the `ApiError` that the answer is. */
export async function readJson<T>(response: Response): Promise<T> {
  if (!response.ok) throw await toApiError(response);
  const text = await readBody(response);
  try {
    // The server answers with the type that the path asks for.
    return JSON.parse(text) as T;
  } catch (error) {
    throw new Error(`The answer is not JSON: ${text.slice(0, 100)}`, { cause: error });
  }
}

/** The error that an answer with an error status is. */
export async function toApiError(response: Response): Promise<ApiError> {
  const text = await readBody(response, maxErrorBytes).catch(() => "");
  const status = parseStatus(text);
  if (status !== undefined) return new ApiError({ code: response.status, ...status });
  const reason = reasons[response.status] ?? (response.status >= 500 ? "InternalError" : "Unknown");
  const message = text.trim().slice(0, 1024) || `The server answered ${response.status}`;
  return new ApiError({
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    code: response.status,
    reason,
    message,
  });
}

function parseStatus(text: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // Whatever calls itself a Status is one; all its fields are optional and only shown.
    if (typeof value === "object" && value !== null && "kind" in value && value.kind === "Status") {
      return value as Status;
    }
  } catch {
    // Not JSON: a proxy's page, perhaps; its text is the message.
  }
  return undefined;
}
