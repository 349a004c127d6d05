import { expect, test } from "bun:test";
import { RuntimeError } from "../runtime/runtime.ts";
import { KubeletError } from "./container-path.ts";
import { kubeletServer } from "./kubelet-server.ts";
import type { PodStreams } from "./pod-streams.ts";
import type { VolumeSnapshots } from "./volume-snapshots.ts";

const none = (): Promise<never> => Promise.reject(new Error("not running"));
const streams: PodStreams = {
  ...{ pods: () => [], exec: none, attach: none, portForward: none, connect: none },
  logFile: () => undefined,
};

async function ask(take: VolumeSnapshots["take"], signal = new AbortController().signal): Promise<Response> {
  let nowMs = 0;
  const now = (): number => (nowMs += 400);
  const { handler } = kubeletServer(streams, now, undefined, { take });
  const request = new Request("http://kubelet/snapshot/ns/p/data", { method: "POST" });
  return await handler(request, { remoteAddress: "test", signal });
}

test("a snapshot tells how far it is, now and then, and at last where it is", async () => {
  const response = await ask(async (reference, { onProgress }) => {
    expect(reference).toEqual({ namespace: "ns", pod: "p", volume: "data" });
    for (const copied of [1, 2, 3]) onProgress(copied, 3);
    return "/snapshots/data.img";
  });
  expect(response.status).toBe(200);
  const lines = (await response.text()).trim().split("\n");
  expect(lines).toEqual(['{"copiedBytes":1,"totalBytes":3}', '{"items":["/snapshots/data.img"]}']);
});

test("what fails before the copy has its status, and what fails later its line", async () => {
  for (const [error, status] of [
    [new KubeletError(404, "pod does not exist"), 404],
    [new RuntimeError("invalid", "Volume data is no disk of its own"), 400],
    [new RuntimeError("create-failed", "No space left on device"), 500],
  ] as const) {
    const response = await ask(() => Promise.reject(error));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ kind: "Status", code: status, message: error.message });
  }
  const late = await ask(async (_, { onProgress }) => {
    onProgress(1, 2);
    throw new Error("No space left on device");
  });
  expect(await late.text()).toBe('{"copiedBytes":1,"totalBytes":2}\n{"error":"No space left on device"}\n');
});

test("a client that leaves calls the snapshot off", async () => {
  const calledOff = Promise.withResolvers<void>();
  const response = await ask((_, { signal, onProgress }) => {
    signal.addEventListener("abort", () => calledOff.resolve());
    onProgress(1, 2);
    return new Promise(() => {});
  });
  await response.body?.cancel();
  await calledOff.promise;
});
