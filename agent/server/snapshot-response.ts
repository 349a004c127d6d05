import { messageOf } from "../../supervisor/base/errors.ts";
import { RuntimeError } from "../runtime/runtime.ts";
import { KubeletError } from "./container-path.ts";
import type { VolumeReference, VolumeSnapshots } from "./volume-snapshots.ts";

const progressIntervalMs = 1000;

/**
 * Takes a snapshot. The answer begins when the copy has, with a line of JSON each second (`copiedBytes`, `totalBytes`);
 * the last one has the file's path as the kubelet's checkpoints have theirs (`items`), or the `error`. What fails before
 * is a `Status`, whose message kubectl shows. A client that leaves calls the snapshot off.
 */
export async function snapshotResponse(
  snapshots: VolumeSnapshots,
  reference: VolumeReference,
  { now, signal }: { readonly now: () => number; readonly signal: AbortSignal },
): Promise<Response> {
  const leaving = new AbortController();
  const lines = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
  const body = new ReadableStream<Uint8Array>({ start: lines.resolve, cancel: () => leaving.abort() });
  const controller = await lines.promise;
  const write = (line: object): void => {
    if (!leaving.signal.aborted) controller.enqueue(Buffer.from(`${JSON.stringify(line)}\n`));
  };
  const begun = Promise.withResolvers<void>();
  let toldAtMs = Number.NEGATIVE_INFINITY;
  const onProgress = (copiedBytes: number, totalBytes: number): void => {
    begun.resolve();
    if (now() - toldAtMs < progressIntervalMs) return;
    toldAtMs = now();
    write({ copiedBytes, totalBytes });
  };
  const watch = { signal: AbortSignal.any([signal, leaving.signal]), onProgress };
  const taken = snapshots.take(reference, watch);
  try {
    await Promise.race([begun.promise, taken]);
  } catch (error) {
    return refusal(error);
  }
  taken
    .then(
      (path) => write({ items: [path] }),
      (error: unknown) => write({ error: messageOf(error) }),
    )
    .then(() => {
      if (!leaving.signal.aborted) controller.close();
    });
  return new Response(body, { headers: { "content-type": "application/x-ndjson" } });
}

function refusal(error: unknown): Response {
  const kind = error instanceof RuntimeError ? error.kind : undefined;
  const isAbsent = kind === "not-found" || (error instanceof KubeletError && error.status === 404);
  const [code, reason] = isAbsent
    ? [404, "NotFound"]
    : kind === "invalid"
      ? [400, "BadRequest"]
      : [500, "InternalError"];
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason, code };
  return Response.json({ ...status, message: messageOf(error) }, { status: code });
}
