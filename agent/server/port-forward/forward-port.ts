import type { Duplex, Readable, Writable } from "node:stream";
import { messageOf } from "../../../supervisor/base/errors.ts";
import type { PodReference, PodStreams } from "../pod-streams.ts";

export type PortDialer = (port: number) => Promise<Duplex>;

export function portDialer(streams: PodStreams, pod: PodReference): PortDialer {
  return (port) => streams.portForward(pod, port);
}

/**
 * Joins one of the client's connections with a port of the Pod, each direction until its own end. Resolves when both
 * have ended, with the text for the client when the connection failed (kubelet's words), or undefined.
 */
export async function forwardPort(
  dial: PortDialer,
  pod: PodReference,
  port: number,
  fromClient: Readable,
  toClient: Writable,
): Promise<string | undefined> {
  let socket: Duplex;
  try {
    socket = await dial(port);
  } catch (error) {
    return failure(pod, port, error);
  }
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  socket.on("error", (error) => resolve(failure(pod, port, error)));
  socket.on("close", () => resolve(undefined));
  // A direction that ends is passed on by the pipes; a client that is gone ends both.
  fromClient.on("error", () => socket.destroy());
  fromClient.on("close", () => fromClient.readableEnded || socket.destroy());
  toClient.on("error", () => socket.destroy());
  toClient.on("close", () => toClient.writableFinished || socket.destroy());
  fromClient.pipe(socket);
  socket.pipe(toClient);
  return promise;
}

function failure({ namespace, pod }: PodReference, port: number, error: unknown): string {
  const text = messageOf(error);
  return `error forwarding port ${port} to pod ${pod}_${namespace}: ${text}`;
}

/** A TCP port; undefined for anything else. */
export function parsePort(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : undefined;
}
