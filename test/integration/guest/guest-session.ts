import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { Channel } from "../../../agent/runtime/crx/channel/channel.ts";
import { ControlClient, type GuestEvent } from "../../../agent/runtime/crx/channel/control-client.ts";
import { type FieldReader, FieldWriter } from "../../../agent/runtime/crx/channel/fields.ts";
import { InboundReadable } from "../../../agent/runtime/crx/channel/inbound-readable.ts";
import { frameType, processOption, tag } from "../../../agent/runtime/crx/channel/protocol.ts";
import { StreamMultiplexer } from "../../../agent/runtime/crx/channel/stream-multiplexer.ts";
import { until } from "../crx/fixtures.ts";

/** Writes the fields of a request that a test cares about. */
export type Fill = (fields: FieldWriter) => FieldWriter;

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  readonly signal: number | undefined;
  readonly oomKilled: boolean;
}

const unreadMaxBytes = 4 << 20;

/** One daemon's connection to a guest, with the requests that the tests make. */
export class GuestSession {
  readonly control: ControlClient;
  readonly streams: StreamMultiplexer;
  readonly events: GuestEvent[] = [];
  readonly errors: Error[] = [];
  readonly #channels: readonly [Channel, Channel];

  constructor(control: Socket, streams: Socket) {
    const onEnd = (error: Error): void => {
      this.errors.push(error);
      this.control.end(error);
      this.streams.end(error);
    };
    this.#channels = [
      new Channel(control, unreadMaxBytes, { onFrame: (frame) => this.control.receive(frame), onEnd }),
      new Channel(streams, unreadMaxBytes, { onFrame: (frame) => this.streams.receive(frame), onEnd }),
    ];
    this.control = new ControlClient(this.#channels[0], (event) => this.events.push(event));
    this.streams = new StreamMultiplexer(this.#channels[1]);
  }

  /** Says hello on both ports; resolves with the guest's kernel version. */
  async hello(signal: AbortSignal): Promise<string> {
    const [control] = await Promise.all(this.#channels.map((channel) => channel.hello(signal)));
    return control?.kernelVersion ?? "";
  }

  request(type: number, fill: Fill = (fields) => fields): Promise<FieldReader> {
    return this.control.request({ type, fields: fill(new FieldWriter()) }, (answer) => answer);
  }

  /** Creates a container on the disk `image`; the answer names its streams. */
  create(id: string, args: readonly string[], fill: Fill = (fields) => fields): Promise<FieldReader> {
    return this.request(frameType.createContainer, (fields) =>
      fill(fields.text(tag.container, id).text(tag.disk, "image").list(tag.arg, args)),
    );
  }

  start(id: string): Promise<FieldReader> {
    return this.request(frameType.startContainer, (fields) => fields.text(tag.container, id));
  }

  /** Runs a container to its end and removes it. */
  async run(id: string, args: readonly string[], fill?: Fill): Promise<Outcome> {
    const answer = await this.create(id, args, fill);
    const stdout = this.read(answer.needU32(tag.stdout));
    const stderr = answer.u32(tag.stderr);
    const text = Promise.all([readAll(stdout), stderr === undefined ? "" : readAll(this.read(stderr))]);
    await this.start(id);
    const [out, err] = await text;
    const exit = await this.exit("container-exited", (fields) => fields.text(tag.container) === id);
    await this.request(frameType.removeContainer, (fields) => fields.text(tag.container, id));
    return { stdout: out, stderr: err, ...exit };
  }

  /** Executes a command in a container to its end. */
  async exec(container: string, args: readonly string[], fill: Fill = (fields) => fields): Promise<Outcome> {
    const answer = await this.request(frameType.exec, (fields) =>
      fill(fields.text(tag.container, container).list(tag.arg, args)).u32(
        tag.options,
        processOption.stdout | processOption.stderr,
      ),
    );
    const id = answer.needU32(tag.execId);
    const streams = [answer.needU32(tag.stdout), answer.needU32(tag.stderr)];
    const [stdout = "", stderr = ""] = await Promise.all(streams.map((stream) => readAll(this.read(stream))));
    return { stdout, stderr, ...(await this.exit("exec-exited", (fields) => fields.u32(tag.execId) === id)) };
  }

  /** Waits for an exit, acknowledges it and tells what it says. */
  async exit(
    type: GuestEvent["type"],
    isIt: (fields: FieldReader) => boolean,
  ): Promise<Pick<Outcome, "exitCode" | "signal" | "oomKilled">> {
    const find = (): GuestEvent | undefined => this.events.find((it) => it.type === type && isIt(it.fields));
    const event = await until(find, "an exit");
    event.acknowledge();
    return {
      exitCode: event.fields.u32(tag.exitCode),
      signal: event.fields.u32(tag.exitSignal),
      oomKilled: event.fields.u32(tag.oomKilled) === 1,
    };
  }

  /** Attaches to a stream from the guest; closes it at its end. */
  read(stream: number, offset = 0): Readable {
    return new InboundReadable(this.streams.attachInbound(stream, offset), () => this.streams.close(stream));
  }

  /** What a daemon's sudden end leaves: both sockets closed. */
  close(): void {
    for (const channel of this.#channels) channel.close();
  }
}

export async function readAll(readable: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of readable) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}
