/**
 * The floor under watches: `bun test/performance/bare-watch-server.ts --write-kubeconfig FILE --object-bytes N`. A bare
 * node:tls server that answers a watch with a head and, for each POST, writes one and the same chunk to all watches: an
 * event with the object that came, padded to the size that an API server makes of it.
 */
import { createServer, type TLSSocket } from "node:tls";
import { parseArgs } from "node:util";
import { makeIdentity, writeKubeconfig } from "./load/bare-identity.ts";

const { values } = parseArgs({
  options: { "write-kubeconfig": { type: "string" }, "object-bytes": { type: "string" } },
});
const kubeconfig = values["write-kubeconfig"];
const objectBytes = Number(values["object-bytes"]);
if (kubeconfig === undefined || !(objectBytes > 0))
  throw new Error("Give --write-kubeconfig and --object-bytes");

const watches = new Set<TLSSocket>();
const emptyList = '{"kind":"List","metadata":{"resourceVersion":"1"},"items":[]}';

function respond(socket: TLSSocket, body: string): void {
  socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function sendToAll(object: string): void {
  const line = `{"type":"ADDED","object":${object.slice(0, -1).padEnd(objectBytes - 1)}}}\n`;
  const chunk = Buffer.from(`${line.length.toString(16)}\r\n${line}\r\n`);
  for (const watch of watches) watch.write(chunk);
}

/** Answers the request that a text holds; false where it has not come wholly. */
function answer(socket: TLSSocket, text: string): boolean {
  const end = text.indexOf("\r\n\r\n") + 4;
  if (end < 4) return false;
  const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
  const body = text.slice(end);
  if (body.length < length) return false;
  if (text.startsWith("POST")) {
    sendToAll(body);
    respond(socket, body);
  } else if (text.slice(0, text.indexOf("\r\n")).includes("watch=true")) {
    watches.add(socket);
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
  } else respond(socket, emptyList);
  return true;
}

const identity = await makeIdentity();
const server = createServer(identity, (socket) => {
  let text = "";
  socket.setNoDelay(true);
  socket.on("data", (data: Buffer) => {
    text += data.toString("latin1");
    if (answer(socket, text)) text = "";
  });
  const leave = (): void => void watches.delete(socket);
  socket.on("close", leave);
  socket.on("error", leave);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  writeKubeconfig(kubeconfig, typeof address === "object" && address !== null ? address.port : 0, identity);
});
