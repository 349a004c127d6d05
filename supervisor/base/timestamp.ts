/** A time as the API writes it (`meta/v1` Time): RFC 3339 in UTC, whole seconds. */
export function timestamp(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}

/** A finer time as the API writes it (`meta/v1` MicroTime): RFC 3339 in UTC, microseconds. */
export function microTimestamp(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, -1)}000Z`;
}
