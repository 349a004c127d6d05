/** `/healthz`, `/livez` and `/readyz` (kubernetes `apiserver/pkg/server/healthz`). */
import { fixedResponse } from "../../base/http/fixed-response.ts";

export interface HealthCheck {
  readonly name: string;
  /** Rejects with what is wrong. */
  check(): Promise<void> | void;
}

async function outcome({
  name,
  check,
}: HealthCheck): Promise<{ readonly line: string; readonly ok: boolean }> {
  try {
    await check();
    return { line: `[+]${name} ok`, ok: true };
  } catch {
    // What is wrong is for the log of the one who looks after the server, not for everybody.
    return { line: `[-]${name} failed: reason withheld`, ok: false };
  }
}

/** `path` is the endpoint with the name of one check behind it, or none; undefined for no such check. */
export async function healthResponse(
  path: string,
  query: URLSearchParams,
  checks: readonly HealthCheck[],
): Promise<Response | undefined> {
  const [, endpoint = "", only] = path.split("/");
  const excluded = new Set(query.getAll("exclude"));
  const chosen = checks.filter(({ name }) => (only === undefined ? !excluded.has(name) : name === only));
  if (only !== undefined && chosen.length === 0) return undefined;
  const outcomes = await Promise.all(chosen.map(outcome));
  const ok = outcomes.every((one) => one.ok);
  const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
  if (ok && (only !== undefined || !query.has("verbose")))
    return fixedResponse("ok", { status: 200, headers });
  const verdict = `${endpoint} check ${ok ? "passed" : "failed"}`;
  const text = `${outcomes.map(({ line }) => line).join("\n")}\n${verdict}\n`;
  return fixedResponse(text, { status: ok ? 200 : 500, headers });
}
