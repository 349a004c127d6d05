export interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  /** Only entries of this time or later, in milliseconds of the Unix epoch. */
  readonly sinceMs?: number;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly stream?: "stdout" | "stderr";
}

/** A log request's query is malformed. */
export class LogOptionsError extends Error {
  override readonly name = "LogOptionsError";
}

/** Reads the query of the kubelet's log path. Throws {@link LogOptionsError}. */
export function readLogOptions(query: URLSearchParams, nowMs: number): LogOptions {
  const tailLines = readNumber(query, "tailLines");
  const limitBytes = readNumber(query, "limitBytes");
  const sinceMs = readSince(query, nowMs);
  const stream = query.get("stream") ?? "";
  if (!["", "All", "Stdout", "Stderr"].includes(stream)) {
    throw new LogOptionsError(`stream is ${JSON.stringify(stream)}, use All, Stdout or Stderr`);
  }
  return {
    follow: readBoolean(query, "follow"),
    previous: readBoolean(query, "previous"),
    timestamps: readBoolean(query, "timestamps"),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(stream === "Stdout" || stream === "Stderr"
      ? { stream: stream === "Stdout" ? "stdout" : "stderr" }
      : {}),
  };
}

function readSince(query: URLSearchParams, nowMs: number): number | undefined {
  const seconds = readNumber(query, "sinceSeconds");
  if (seconds !== undefined) return nowMs - seconds * 1000;
  const time = query.get("sinceTime") ?? "";
  if (time === "") return undefined;
  const sinceMs = Date.parse(time);
  if (Number.isNaN(sinceMs))
    throw new LogOptionsError(`sinceTime is ${JSON.stringify(time)}, no RFC 3339 time`);
  return sinceMs;
}

function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? "";
  if (text === "") return undefined;
  if (!/^[0-9]{1,15}$/.test(text))
    throw new LogOptionsError(`${name} is ${JSON.stringify(text)}, no whole number`);
  return Number(text);
}

function readBoolean(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text !== null && text !== "0" && text.toLowerCase() !== "false";
}
