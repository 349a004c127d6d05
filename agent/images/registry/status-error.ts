import { ImageError } from "../image-service.ts";
import type { RegistryResponse } from "./send-request.ts";

/** The error for an answer with an error status. `hasAuth` says whether credentials were at hand. */
export async function statusError(
  response: RegistryResponse,
  host: string,
  hasAuth: boolean,
): Promise<ImageError> {
  const detail = await errorDetail(response);
  const { status } = response;
  if (status === 404) return new ImageError("not-found", `not found${detail}`);
  if (status === 401 || status === 403) {
    const advice = hasAuth
      ? "check the user name and password in imagePullSecrets"
      : "check the name, or name a Secret with credentials in imagePullSecrets";
    return new ImageError(
      "unauthorized",
      `pull access denied by ${host}, the repository does not exist or needs authorization (status ${status}${detail}); ${advice}`,
    );
  }
  const tooMany = status === 429 ? "too many requests" : "unexpected answer";
  return new ImageError("unavailable", `registry ${host}: ${tooMany}, status ${status}${detail}`);
}

/** The registry's own words (OCI distribution specification, "Error Codes"), short and on one line. */
async function errorDetail(response: RegistryResponse): Promise<string> {
  let text: string;
  try {
    text = await response.text(1 << 16);
    const body: unknown = JSON.parse(text);
    const [first] = (body as { errors?: { code?: unknown; message?: unknown }[] }).errors ?? [];
    if (typeof first?.message !== "string") return "";
    return `: ${first.message.replace(/[^\x20-\x7e]+/g, " ").slice(0, 200)}`;
  } catch {
    // An answer without these words, or broken off: the status says enough.
    return "";
  }
}
