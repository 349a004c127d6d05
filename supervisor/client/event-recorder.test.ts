import { expect, test } from "bun:test";
import { FakeClock } from "../../test/framework/fake-clock.ts";
import type { CoreV1Event } from "../api/generated/types.ts";
import { createEventRecorder } from "./event-recorder.ts";
import { InProcessTransport } from "./in-process-transport.ts";
import { createClient } from "./rest-client.ts";
import type { EventRecorder } from "./types.ts";

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: CoreV1Event;
}

const pod = { kind: "Pod", apiVersion: "v1", metadata: { namespace: "web", name: "a", uid: "u" } };

function start(answer: (sent: Sent) => Response): {
  sent: Sent[];
  recorder: EventRecorder;
  clock: FakeClock;
} {
  const sent: Sent[] = [];
  const transport = new InProcessTransport(async (request) => {
    const one: Sent = {
      method: request.method,
      path: new URL(request.url).pathname,
      // The recorder sends whole events or parts of them.
      body: (await request.json()) as CoreV1Event,
    };
    sent.push(one);
    return answer(one);
  }, {});
  const clock = new FakeClock();
  const recorder = createEventRecorder(createClient(transport), { component: "kubelet", host: "n1", clock });
  return { sent, recorder, clock };
}

async function settle(clock: FakeClock): Promise<void> {
  for (let round = 0; round < 60; round++) await clock.advance(0);
}

test("createEventRecorder counts equal events instead of repeating them", async () => {
  const { sent, recorder, clock } = start(() => Response.json({}));
  for (let time = 0; time < 3; time++)
    recorder.event(pod, "Warning", "Failed", "no image", "spec.containers{c}");
  recorder.event(pod, "Warning", "Failed", "other");
  await settle(clock);
  expect(sent.map((one) => `${one.method} ${one.body.count}`)).toEqual([
    "POST 1",
    "PATCH 2",
    "PATCH 3",
    "POST 1",
  ]);
  expect(sent[0]?.path).toBe("/api/v1/namespaces/web/events");
  expect(sent[0]?.body).toMatchObject({
    involvedObject: { kind: "Pod", namespace: "web", name: "a", uid: "u", fieldPath: "spec.containers{c}" },
    source: { component: "kubelet", host: "n1" },
    type: "Warning",
    reason: "Failed",
    message: "no image",
    firstTimestamp: "2026-01-31T12:00:00Z",
  });
});

test("createEventRecorder makes an event anew that the server has forgotten", async () => {
  const { sent, recorder, clock } = start((one) =>
    one.method === "PATCH"
      ? Response.json({ kind: "Status", reason: "NotFound", code: 404 }, { status: 404 })
      : Response.json({}),
  );
  recorder.event(pod, "Normal", "Started", "Started");
  recorder.event(pod, "Normal", "Started", "Started");
  await settle(clock);
  expect(sent.map((one) => one.method)).toEqual(["POST", "PATCH", "POST"]);
});

test("createEventRecorder combines events that differ only in their message, and holds a flood back", async () => {
  const { sent, recorder, clock } = start(() => Response.json({}));
  for (let number = 0; number < 40; number++) recorder.event(pod, "Normal", "Pulling", `Layer ${number}`);
  await settle(clock);
  expect(sent.length).toBe(25);
  expect(sent.filter((one) => one.method === "POST").length).toBe(11);
  expect(sent[24]?.body.message).toBe("(combined from similar events): Layer 24");
});

test("createEventRecorder tries again while no server answers, in order", async () => {
  let down = true;
  const { sent, recorder, clock } = start(() => {
    if (down) throw new Error("down");
    return Response.json({});
  });
  recorder.event(pod, "Normal", "Started", "one");
  recorder.event(pod, "Normal", "Started", "two");
  await settle(clock);
  down = false;
  await clock.advance(500);
  await settle(clock);
  expect(sent.map((one) => one.body.message)).toEqual(["one", "one", "two"]);
});
