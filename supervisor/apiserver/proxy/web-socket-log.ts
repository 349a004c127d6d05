import type { Duplex } from "node:stream";
import { newBadRequest } from "../../apimachinery/status-errors.ts";
import { headerList, type RequestHead } from "../../base/http/request-head.ts";
import { chooseProtocol, WebSocket } from "../../base/http/web-socket.ts";

/** What kube-apiserver's `wsstream.Reader` speaks; the nameless one is binary too. */
const binaryProtocol = "binary.k8s.io";
const base64Protocol = "base64.binary.k8s.io";

/** Whether a client wants the answer in messages of a WebSocket. */
export function isWebSocket(head: RequestHead): boolean {
  return headerList(head, "upgrade").some((protocol) => protocol.toLowerCase() === "websocket");
}

/**
 * Sends what `open` gives in messages of a WebSocket, and closes it at the end. Resolves when the stream has closed; throws
 * an API error, before it is a WebSocket, where no protocol suits or `open` does.
 */
export async function sendByWebSocket(
  open: () => Promise<Response>,
  head: RequestHead,
  stream: Duplex,
): Promise<void> {
  const protocol = chooseProtocol(head, ["", binaryProtocol, base64Protocol]);
  if (protocol === undefined) {
    throw newBadRequest(
      `unable to upgrade: no protocol of ${headerList(head, "sec-websocket-protocol").join(", ")} is spoken`,
    );
  }
  const { body } = await open();
  const socket = new WebSocket(stream, head, protocol, () => {});
  const reader = body?.getReader();
  void socket.closed.then(() => reader?.cancel().catch(() => {}));
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done || value === undefined) break;
      const bytes = Buffer.from(value);
      await socket.send(protocol === base64Protocol ? bytes.toString("base64") : bytes);
    }
    socket.close();
  } catch {
    socket.close(1011, "the log could not be read");
  }
  await socket.closed;
}
