/** What one run of a probe found. A warning is a success that is told of. */
export interface ProbeOutcome {
  readonly result: "success" | "warning" | "failure";
  /** What events say of it. */
  readonly output: string;
}

export function failure(output: string): ProbeOutcome {
  return { result: "failure", output };
}

/** Go's word for a time that is over, which many messages end with. */
export const deadlineExceeded = "context deadline exceeded";
