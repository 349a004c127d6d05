export interface StreamOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/**
 * The streams that a request to exec or attach asks for (kubelet `remotecommand.NewOptions`). With a terminal there is
 * no stderr. Undefined when it asks for none.
 */
export function readStreamOptions(query: URLSearchParams): StreamOptions | undefined {
  const tty = query.get("tty") === "1";
  const stdin = query.get("input") === "1";
  const stdout = query.get("output") === "1";
  const stderr = query.get("error") === "1" && !tty;
  return stdin || stdout || stderr ? { stdin, stdout, stderr, tty } : undefined;
}
