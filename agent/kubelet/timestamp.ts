/** The API's time: RFC 3339 in UTC, to the second (meta/v1 `Time`). */
export function timestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** The API's finer time, to the microsecond (meta/v1 `MicroTime`). */
export function microTimestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/Z$/, "000Z");
}
