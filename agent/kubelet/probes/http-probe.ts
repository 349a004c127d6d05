import { messageOf } from "../../../supervisor/base/errors.ts";
import type { PodSandboxStatus } from "../../runtime/runtime.ts";
import { httpFetch } from "../pod-access/http-fetch.ts";
import type { HttpAnswer, HttpGet } from "../pod-access/http-get.ts";
import type { PodDialer } from "../pod-access/pod-dialer.ts";
import { failure, type ProbeOutcome } from "./probe-outcome.ts";

/** Asks for the page and follows redirects to the same host (kubelet `probe/http`): 2xx and 3xx are good. */
export async function httpProbe(
  request: HttpGet,
  sandbox: PodSandboxStatus,
  dial: PodDialer,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  try {
    return outcomeOf(await httpFetch(request, sandbox, dial, signal));
  } catch (error) {
    return failure(messageOf(error));
  }
}

function outcomeOf({ statusCode, body }: HttpAnswer): ProbeOutcome {
  if (statusCode < 200 || statusCode >= 400)
    return failure(`HTTP probe failed with statuscode: ${statusCode}`);
  if (statusCode < 300) return { result: "success", output: body };
  return { result: "warning", output: `Probe terminated redirects, Response body: ${body}` };
}
