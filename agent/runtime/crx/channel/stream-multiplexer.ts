import type { Frame, FrameSender } from "./frame-codec.ts";
import { InboundStream } from "./inbound-stream.ts";
import { OutboundStream } from "./outbound-stream.ts";
import {
  frameFlag,
  frameType,
  maxPayloadBytes,
  maxWindowBytes,
  ProtocolError,
  streamWindowBytes,
} from "./protocol.ts";

const offsetBytes = 8;
const maxDataBytes = maxPayloadBytes - offsetBytes;
/** Guests count streams up from 1, so this many closed ones are more than can still have frames on their way. */
const rememberedClosed = 4096;

/** All streams of a guest over its one streams port. Feed it the port's frames; it sends through `channel`. */
export class StreamMultiplexer {
  readonly #channel: FrameSender;
  readonly #inbound = new Map<number, InboundStream>();
  readonly #outbound = new Map<number, OutboundStream>();
  readonly #closed = new Set<number>();
  #ended: Error | undefined;

  constructor(channel: FrameSender) {
    this.#channel = channel;
  }

  /** Begins to receive a stream at an offset. */
  attachInbound(id: number, offset: number): InboundStream {
    const stream = new InboundStream(id, offset, (consumed) => {
      this.#channel.send({
        type: frameType.credit,
        id,
        payload: offsetAndWindow(consumed, streamWindowBytes),
      });
    });
    this.#inbound.set(id, stream);
    if (this.#ended) stream.fail(this.#ended);
    this.#channel.send({ type: frameType.attach, id, payload: offsetAndWindow(offset, streamWindowBytes) });
    return stream;
  }

  /** Begins to send a stream, where the guest says that it stands. */
  attachOutbound(id: number): OutboundStream {
    const stream = new OutboundStream(id, (offset, bytes, isLast) =>
      this.#sendData(id, offset, bytes, isLast),
    );
    this.#outbound.set(id, stream);
    if (this.#ended) stream.destroy(this.#ended);
    this.#channel.send({ type: frameType.attach, id, payload: offsetAndWindow(0, 0) });
    return stream;
  }

  /** The host is done with a stream: the guest forgets it. Does nothing for one that is closed already. */
  close(id: number): void {
    const outbound = this.#outbound.get(id);
    if (!this.#inbound.delete(id) && !this.#outbound.delete(id)) return;
    outbound?.destroy();
    this.discard(id);
  }

  /** Makes the guest forget a stream that an earlier daemon used. */
  discard(id: number): void {
    this.#rememberClosed(id);
    this.#channel.send({ type: frameType.close, id });
  }

  /** Takes the port's next frame. Throws {@link ProtocolError}. */
  receive(frame: Frame): void {
    if (frame.type === frameType.data) this.#receiveData(frame);
    else if (frame.type === frameType.credit) this.#receiveCredit(frame);
    else if (frame.type === frameType.reset) this.#receiveReset(frame);
    else throw new ProtocolError(`The guest sent frame type ${frame.type} on its streams port`);
  }

  /** Breaks all streams, and those that are attached later. */
  end(error: Error): void {
    if (this.#ended) return;
    this.#ended = error;
    for (const stream of this.#inbound.values()) stream.fail(error);
    for (const stream of this.#outbound.values()) stream.destroy(error);
  }

  #receiveData(frame: Frame): void {
    const offset = readOffset(frame);
    const stream = this.#inbound.get(frame.id);
    if (stream)
      stream.receive(offset, frame.payload.subarray(offsetBytes), (frame.flags & frameFlag.fin) !== 0);
    else this.#checkClosed(frame);
  }

  #receiveCredit(frame: Frame): void {
    const consumed = readOffset(frame);
    if (frame.payload.length !== offsetBytes + 4)
      throw new ProtocolError("The guest sent a malformed credit");
    const window = frame.payload.readUInt32LE(offsetBytes);
    if (window > maxWindowBytes) throw new ProtocolError(`The guest gave a credit of ${window} bytes`);
    const stream = this.#outbound.get(frame.id);
    if (stream) stream.credit(consumed, consumed + window);
    else this.#checkClosed(frame);
  }

  #receiveReset(frame: Frame): void {
    if (frame.payload.length < 4) throw new ProtocolError("The guest sent a malformed reset");
    const text = frame.payload.toString("utf8", 4, 4 + 1024);
    const error = Object.assign(new Error(text || "The stream is broken"), {
      errno: frame.payload.readUInt32LE(),
    });
    const inbound = this.#inbound.get(frame.id);
    const outbound = this.#outbound.get(frame.id);
    if (!inbound && !outbound) this.#checkClosed(frame);
    inbound?.fail(error);
    outbound?.destroy(error);
  }

  #sendData(id: number, offset: number, bytes: Buffer, isLast: boolean): void {
    for (let at = 0; at === 0 || at < bytes.length; at += maxDataBytes) {
      const part = bytes.subarray(at, at + maxDataBytes);
      const payload = Buffer.allocUnsafe(offsetBytes + part.length);
      payload.writeBigUInt64LE(BigInt(offset + at));
      part.copy(payload, offsetBytes);
      const flags = isLast && at + part.length >= bytes.length ? frameFlag.fin : 0;
      this.#channel.send({ type: frameType.data, id, flags, payload });
    }
  }

  #rememberClosed(id: number): void {
    this.#closed.add(id);
    for (const oldest of this.#closed) {
      if (this.#closed.size <= rememberedClosed) break;
      this.#closed.delete(oldest);
    }
  }

  /** What was on its way when the host closed the stream is dropped; anything else is a violation. */
  #checkClosed(frame: Frame): void {
    if (!this.#closed.has(frame.id)) {
      throw new ProtocolError(`The guest sent a frame for stream ${frame.id}, which was never attached`);
    }
  }
}

function offsetAndWindow(offset: number, window: number): Buffer {
  const payload = Buffer.alloc(offsetBytes + 4);
  payload.writeBigUInt64LE(BigInt(offset));
  payload.writeUInt32LE(window, offsetBytes);
  return payload;
}

/** Offsets are counted in 64 bits; JavaScript's numbers are exact up to 9 petabytes, and nobody gets that far. */
function readOffset(frame: Frame): number {
  if (frame.payload.length < offsetBytes)
    throw new ProtocolError("The guest sent a frame without its offset");
  const offset = frame.payload.readBigUInt64LE();
  if (offset > BigInt(Number.MAX_SAFE_INTEGER))
    throw new ProtocolError(`The guest sent stream offset ${offset}`);
  return Number(offset);
}
