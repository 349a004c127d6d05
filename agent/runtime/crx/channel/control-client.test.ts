import { describe, expect, test } from "bun:test";
import { RuntimeError } from "../../runtime.ts";
import { ControlClient, GuestError, type GuestEvent } from "./control-client.ts";
import { FieldWriter } from "./fields.ts";
import type { Frame, OutgoingFrame } from "./frame-codec.ts";
import { frameFlag, frameType, maxPayloadBytes, ProtocolError, tag } from "./protocol.ts";

function setUp() {
  const sent: OutgoingFrame[] = [];
  const events: GuestEvent[] = [];
  const client = new ControlClient({ send: (frame) => sent.push(frame) }, (event) => events.push(event));
  const receive = (type: number, id: number, payload: Buffer = Buffer.alloc(0), flags = 0): void =>
    client.receive({ type, id, payload, flags } satisfies Frame);
  const ping = (): Promise<string | undefined> =>
    client.request({ type: frameType.ping, timeoutMs: 1000 }, (answer) => answer.text(tag.message));
  return { sent, events, client, receive, ping };
}

const text = (value: string): Buffer => new FieldWriter().text(tag.message, value).finish();

describe("ControlClient", () => {
  test("matches answers to requests in any order", async () => {
    const { sent, receive, ping } = setUp();
    const [first, second] = [ping(), ping()];
    const [firstId = 0, secondId = 0] = sent.map(({ id }) => id);
    receive(frameType.ok, secondId, text("two"));
    receive(frameType.ok, firstId, text("one"));
    expect(await Promise.all([first, second])).toEqual(["one", "two"]);
  });

  test("puts long messages together and takes them apart", async () => {
    const { sent, client, receive } = setUp();
    const fields = new FieldWriter().text(tag.env, "x".repeat(2 * maxPayloadBytes));
    const answer = client.request({ type: frameType.createContainer, fields }, (read) =>
      read.text(tag.message),
    );
    expect(sent.map(({ flags, payload }) => [flags, payload?.length])).toEqual([
      [frameFlag.more, maxPayloadBytes],
      [frameFlag.more, maxPayloadBytes],
      [0, 6],
    ]);
    const long = text("y".repeat(1000));
    receive(frameType.ok, 1, long.subarray(0, 600), frameFlag.more);
    receive(frameType.ok, 1, long.subarray(600));
    expect(await answer).toHaveLength(1000);
  });

  test("throws the guest's error with its kind and words", async () => {
    const { receive, ping } = setUp();
    const answer = ping();
    const fields = new FieldWriter().u32(tag.errorKind, 7).text(tag.message, "exec: no such file");
    receive(frameType.error, 1, fields.finish());
    const error = await answer.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GuestError);
    expect(error).toMatchObject({ kind: 7, message: "exec: no such file" });
  });

  test("waits for answers as its patience has it, but for strict ones by the clock", async () => {
    const late: Array<() => void> = [];
    const client = new ControlClient(
      { send: () => {} },
      () => {},
      (limitMs, giveUp) => {
        late.push(() => giveUp(2 * limitMs));
        return () => {};
      },
    );
    const ask = (isStrict: boolean, timeoutMs: number): Promise<string> =>
      client.request({ type: frameType.ping, timeoutMs, isStrict }, () => "").catch(String);
    const [patient, strict] = [ask(false, 50), ask(true, 1)];
    expect(await strict).toEndWith("The guest did not answer within 1 ms");
    late[0]?.();
    expect(await patient).toEndWith("The guest did not answer within 100 ms");
    expect(late).toHaveLength(1);
  });

  test("sends no more than 64 requests at a time", async () => {
    const { sent, receive, ping } = setUp();
    const answers = Array.from({ length: 70 }, ping);
    expect(sent).toHaveLength(64);
    for (let index = 0; index < 70; index += 1) receive(frameType.ok, sent[index]?.id ?? 0);
    await Promise.all(answers);
  });

  test("keeps little for a guest that never answers, and sends nothing whose time is over", async () => {
    const { sent, client, receive, ping } = setUp();
    const brief = (): Promise<void> => client.request({ type: frameType.exec, timeoutMs: 1 }, () => {});
    const first = Array.from({ length: 64 }, ping);
    const given = await Promise.all(
      Array.from({ length: 1100 }, () => brief().catch((error: RuntimeError) => error.message)),
    );
    expect(new Set(given)).toEqual(
      new Set(["The guest has 1088 requests to answer", "The guest did not answer within 1 ms"]),
    );
    for (let id = 1; id <= 64; id += 1) receive(frameType.ok, id);
    await Promise.all(first);
    expect(sent.map(({ type }) => type)).toEqual(Array.from({ length: 64 }, () => frameType.ping));
  });

  test("takes no more than 4 KiB of what a guest says of an error", async () => {
    const { receive, ping } = setUp();
    const failure = ping().catch((error: Error) => error.message);
    const fields = new FieldWriter().u32(tag.errorKind, 7).text(tag.message, "x".repeat(100_000));
    receive(frameType.error, 1, fields.finish().subarray(0, 60_000), frameFlag.more);
    receive(frameType.error, 1, fields.finish().subarray(60_000));
    expect(await failure).toHaveLength(4096);
  });

  test("refuses a message that no guest takes, before it is sent", async () => {
    const { sent, client } = setUp();
    const fields = new FieldWriter().text(tag.env, "x".repeat(1 << 20));
    const error = await client
      .request({ type: frameType.createContainer, fields }, () => {})
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: "invalid" });
    expect(sent).toEqual([]);
  });

  test("times out, and takes the late answer without harm", async () => {
    const { client, receive } = setUp();
    const late = client.request({ type: frameType.ping, timeoutMs: 1 }, () => {});
    expect(await late.catch((reason: RuntimeError) => reason.kind)).toBe("timeout");
    receive(frameType.ok, 1);
    expect(() => receive(frameType.ok, 1)).toThrow(ProtocolError);
  });

  test("rejects what is under way and what follows when the guest is gone", async () => {
    const { client, ping } = setUp();
    const pending = ping();
    client.end(new Error("QEMU exited"));
    for (const answer of [pending, ping()]) {
      const error = await answer.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(RuntimeError);
      expect(error).toMatchObject({ kind: "sandbox-gone" });
    }
  });

  test("passes events on and acknowledges them by their number", () => {
    const { sent, events, receive } = setUp();
    receive(frameType.containerExited, 12, new FieldWriter().text(tag.container, "c").finish());
    expect(events.map(({ type, fields }) => [type, fields.text(tag.container)])).toEqual([
      ["container-exited", "c"],
    ]);
    expect(sent).toEqual([]);
    events[0]?.acknowledge();
    expect(sent).toEqual([{ type: frameType.eventAck, id: 12 }]);
  });

  test("ends the session for mixed, endless, malformed and unknown messages", () => {
    const violations: Array<(set: ReturnType<typeof setUp>) => void> = [
      ({ receive }) => {
        receive(frameType.ok, 1, Buffer.alloc(1), frameFlag.more);
        receive(frameType.ok, 2, Buffer.alloc(1));
      },
      ({ receive }) => {
        for (;;) receive(frameType.ok, 1, Buffer.alloc(0), frameFlag.more);
      },
      ({ receive }) => {
        for (;;) receive(frameType.ok, 1, Buffer.alloc(maxPayloadBytes), frameFlag.more);
      },
      ({ receive }) => receive(frameType.data, 1),
      ({ ping, receive }) => {
        ping().catch(() => {});
        receive(frameType.ok, 1, Buffer.alloc(3));
      },
    ];
    for (const violate of violations) expect(() => violate(setUp())).toThrow(ProtocolError);
  });

  test("a malformed error ends the session, and its request with it", async () => {
    const { sent, client, receive, ping } = setUp();
    const answer = ping();
    expect(() => receive(frameType.error, sent[0]?.id ?? 0)).toThrow(ProtocolError);
    client.end(new Error("over"));
    await expect(answer).rejects.toThrow("The sandbox's machine is gone: over");
  });

  test("a malformed answer fails its request too", async () => {
    const { client, receive } = setUp();
    const answer = client.request({ type: frameType.exec }, (fields) => fields.needU32(tag.execId));
    const failure = answer.catch((reason: unknown) => reason);
    expect(() => receive(frameType.ok, 1)).toThrow(ProtocolError);
    expect(await failure).toBeInstanceOf(ProtocolError);
  });
});
