import { type Duplex, PassThrough, Writable } from "node:stream";
import type { RequestHead } from "../../../supervisor/base/http/request-head.ts";
import { WebSocket } from "../../../supervisor/base/http/web-socket.ts";
import type { PodReference } from "../pod-streams.ts";
import { forwardPort, type PortDialer } from "./forward-port.ts";

/** The protocols by which clients other than kubectl forward the ports that they name in the query. */
export const webSocketPortForwardProtocols = ["v4.channel.k8s.io", "v4.base64.channel.k8s.io", ""];

/**
 * Serves port-forward over WebSocket channels: port number i of the query has channel 2i for data and 2i+1 for errors,
 * each begun by the server with the port in two bytes, little endian. Resolves when the client has gone.
 */
export async function serveWebSocketPortForward(
  stream: Duplex,
  head: RequestHead,
  protocol: string,
  forward: { readonly pod: PodReference; readonly dial: PortDialer; readonly ports: readonly number[] },
): Promise<void> {
  const base64 = protocol.includes("base64");
  const inputs = forward.ports.map(() => new PassThrough());
  const socket = new WebSocket(stream, head, protocol, (message) => {
    const raw = typeof message === "string" ? Buffer.from(message) : message;
    const [first = 0] = raw;
    const channel = base64 ? first - 48 : first;
    const bytes = base64 ? Buffer.from(raw.toString("latin1", 1), "base64") : raw.subarray(1);
    const input = channel % 2 === 0 ? inputs[channel / 2] : undefined;
    if (input === undefined || input.writableEnded || input.destroyed) return;
    if (!input.write(bytes)) socket.pause();
  });
  const send = (channel: number, bytes: Buffer): Promise<void> =>
    base64
      ? socket.send(`${channel}${bytes.toString("base64")}`)
      : socket.send(Buffer.concat([Buffer.from([channel]), bytes]));
  await Promise.all(
    inputs.map(async (input, index) => {
      const port = forward.ports[index] ?? 0;
      input.on("drain", () => socket.resume());
      const portBytes = Buffer.from([port & 0xff, port >> 8]);
      await send(2 * index, portBytes);
      await send(2 * index + 1, portBytes);
      const output = new Writable({
        write: (chunk: Buffer, _encoding, callback) =>
          void send(2 * index, chunk).then(() => callback(), callback),
      });
      void socket.closed.then(() => {
        input.end();
        output.destroy();
      });
      const failure = await forwardPort(forward.dial, forward.pod, port, input, output);
      if (failure !== undefined) await send(2 * index + 1, Buffer.from(failure));
      input.resume();
    }),
  );
  socket.close();
  await socket.closed;
}
