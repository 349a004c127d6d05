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

/** A log request's query is malformed (400), or asks for what does not go together (422); the text is kubelet's. */
export class LogOptionsError extends Error {
  override readonly name = "LogOptionsError";
  readonly status: 400 | 422;

  constructor(status: 400 | 422) {
    super(`{"message": "${status === 400 ? "Unable to decode query." : "Invalid request."}"}`);
    this.status = status;
  }
}

const streams: Readonly<Record<string, LogOptions["stream"] | "all">> = {
  "": "all",
  All: "all",
  Stdout: "stdout",
  Stderr: "stderr",
};

/** Reads the query of the kubelet's log path. Throws {@link LogOptionsError}. */
export function readLogOptions(query: URLSearchParams, nowMs: number): LogOptions {
  const tailLines = readTail(query);
  const limitBytes = readNumber(query, "limitBytes");
  const sinceMs = readSince(query, nowMs);
  const stream = streams[query.get("stream") ?? ""];
  const isWrong =
    (tailLines ?? 0) < 0 ||
    (limitBytes ?? 1) < 1 ||
    stream === undefined ||
    (stream !== "all" && tailLines !== undefined);
  if (isWrong) throw new LogOptionsError(422);
  return {
    follow: readBoolean(query, "follow"),
    previous: readBoolean(query, "previous"),
    timestamps: readBoolean(query, "timestamps"),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(stream === "all" ? {} : { stream }),
  };
}

/** `tail` is the older name; with `all` it means nothing. */
function readTail(query: URLSearchParams): number | undefined {
  const older = query.get("tail") ?? "";
  if (older === "all") return undefined;
  return readNumber(query, older === "" ? "tailLines" : "tail");
}

function readSince(query: URLSearchParams, nowMs: number): number | undefined {
  const seconds = readNumber(query, "sinceSeconds");
  const time = query.get("sinceTime") ?? "";
  const sinceMs = Date.parse(time);
  if (time !== "" && Number.isNaN(sinceMs)) throw new LogOptionsError(400);
  if (seconds !== undefined && (seconds < 1 || time !== "")) throw new LogOptionsError(422);
  if (seconds !== undefined) return nowMs - seconds * 1000;
  return time === "" ? undefined : sinceMs;
}

function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? "";
  if (text === "") return undefined;
  if (!/^[+-]?[0-9]{1,15}$/.test(text)) throw new LogOptionsError(400);
  return Number(text);
}

function readBoolean(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text !== null && text !== "0" && text.toLowerCase() !== "false";
}
