import type { Duplex } from "node:stream";
import { newBadRequest } from "../../apimachinery/status-errors.ts";
import { headerList, type RequestHead } from "../../base/http/request-head.ts";
import { tokenProtocol } from "../../base/http/token-protocol.ts";
import { refuseUpgrade } from "../../base/http/upgrade.ts";
import { WebSocket } from "../../base/http/web-socket.ts";

/**
 * Sends a watch's events in text messages of a WebSocket, as browsers read them, and closes it at the end (apiserver
 * `WatchServer.HandleWS`). Resolves when the stream has closed.
 */
export async function watchByWebSocket(
  open: () => Promise<Response>,
  head: RequestHead,
  stream: Duplex,
): Promise<void> {
  const response = await open();
  if (response.status !== 200 || response.body === null) return refuseUpgrade(stream, response);
  if (!response.headers.get("content-type")?.startsWith("application/json")) {
    await response.body.cancel();
    throw newBadRequest("a watch by WebSocket is answered in JSON alone: leave application/json in Accept");
  }
  const offered = headerList(head, "sec-websocket-protocol");
  const protocol = offered.find((name) => !name.startsWith(tokenProtocol)) ?? "";
  const reader = response.body.getReader();
  const socket = new WebSocket(stream, head, protocol, () => {});
  void socket.closed.then(() => reader.cancel().catch(() => {}));
  try {
    for await (const event of lines(reader)) await socket.send(event);
    socket.close();
  } catch {
    socket.close(1011, "the watch could not be read");
  }
  await socket.closed;
}

async function* lines(reader: {
  read(): Promise<{ value?: Uint8Array | undefined }>;
}): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) return;
    const parts = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts.filter((line) => line !== "");
  }
}
