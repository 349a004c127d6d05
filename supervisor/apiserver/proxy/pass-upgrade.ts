import type { Duplex } from "node:stream";
import { type ClientRequest, sendRequest } from "../../base/http/http-client.ts";
import { headerPairs, headerValue, type RequestHead } from "../../base/http/request-head.ts";
import { acceptUpgrade, refuseUpgrade } from "../../base/http/upgrade.ts";
import { relay } from "./relay.ts";

const ownHeaders = ["connection", "upgrade", "content-length", "transfer-encoding"];

export interface UpgradePassage {
  /** The client's request, and the stream that it came by. */
  readonly head: RequestHead;
  readonly stream: Duplex;
  /** A connection to whom the request goes, and what it is sent. */
  readonly backend: Duplex;
  readonly target: string;
  readonly headers: ClientRequest["headers"];
  readonly signal: AbortSignal;
}

/**
 * Passes an upgrade on and carries the bytes of the new protocol; an answer that is none is passed back. Resolves when
 * the stream has closed; rejects where there is no answer.
 */
export async function passUpgrade(passage: UpgradePassage): Promise<void> {
  const { head, stream, backend, target, signal } = passage;
  const headers = [...passage.headers, ["Connection", "Upgrade"], ["Upgrade", head.upgrade ?? ""]] as const;
  const answer = await sendRequest(backend, { method: head.method, target, headers, signal });
  if (answer.kind === "response") return refuseUpgrade(stream, answer.response);
  const answered = headerPairs(answer.head.rawHeaders);
  acceptUpgrade(
    stream,
    headerValue(answer.head, "upgrade") ?? "",
    answered.filter(([name]) => !ownHeaders.includes(name.toLowerCase())),
  );
  await relay(stream, backend);
}
