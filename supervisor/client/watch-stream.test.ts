import { expect, test } from "bun:test";
import { isGone } from "../apimachinery/errors.ts";
import { decodeWatch } from "./watch-stream.ts";

function bodyOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

async function collect(body: ReadableStream<Uint8Array>, limitBytes?: number): Promise<unknown[]> {
  const events: unknown[] = [];
  for await (const event of decodeWatch(body, new AbortController().signal, limitBytes)) events.push(event);
  return events;
}

test("decodeWatch puts events together that are split anywhere, also within a character", async () => {
  const bytes = new TextEncoder().encode(
    '{"type":"ADDED","object":{"n":"ä"}}\n{"type":"DELETED","object":{}}\n',
  );
  for (let cut = 1; cut < bytes.length; cut++) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, cut));
        controller.enqueue(bytes.slice(cut));
        controller.close();
      },
    });
    expect(await collect(body)).toEqual([
      { type: "ADDED", object: { n: "ä" } },
      { type: "DELETED", object: {} },
    ]);
  }
});

test("decodeWatch throws the Status of an ERROR event", async () => {
  const status =
    '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}\n';
  const error = await collect(bodyOf(status)).catch((thrown: unknown) => thrown);
  expect(isGone(error)).toBe(true);
});

test("decodeWatch bounds the length of an event", async () => {
  expect(collect(bodyOf("x".repeat(80), "x".repeat(80)), 100)).rejects.toThrow("longer than 100 bytes");
});

test("decodeWatch ends when its signal aborts", async () => {
  const controller = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    start: (stream) => stream.enqueue(new TextEncoder().encode('{"type":"ADDED","object":{}}\n')),
  });
  let count = 0;
  for await (const _ of decodeWatch(body, controller.signal)) {
    count++;
    controller.abort();
  }
  expect(count).toBe(1);
});
