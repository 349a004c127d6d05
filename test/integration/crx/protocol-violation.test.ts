import { afterAll, beforeAll, expect, test } from "bun:test";
import type { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import type { RuntimeEvent } from "../../../agent/runtime/runtime.ts";
import { containerConfig, fakeDisk, fakeRuntime, sandboxConfig, temporaryFolder, until } from "./fixtures.ts";

const hasQemu = Bun.which("qemu-system-x86_64") !== null;
const reason = hasQemu ? "" : " (skipped: no qemu-system-x86_64, whose version the runtime asks for)";
const folder = temporaryFolder();
const signal = new AbortController().signal;
let mode = "";
let runtime: CrxRuntime;
let events: RuntimeEvent[];
let bystander: string;

beforeAll(async () => {
  if (!hasQemu) return;
  ({ runtime, events } = await fakeRuntime(folder.path, () => mode));
  bystander = (await runtime.runPodSandbox(sandboxConfig(folder.path), signal)).id;
});

afterAll(async () => {
  for (const { id } of runtime?.listPodSandboxes() ?? []) await runtime.removePodSandbox(id);
  await runtime?.close();
  folder.remove();
});

const violations = [
  "bad-frames",
  "endless-message",
  "unasked-answer",
  "unknown-type",
  "malformed-event",
  "unknown-stream",
  "gap",
  "beyond-credit",
];

test.skipIf(!hasQemu).each(violations)(
  `a guest that breaks the protocol ends its machine alone: %s${reason}`,
  async (name) => {
    mode = name;
    const sandbox = await runtime.runPodSandbox(sandboxConfig(folder.path), signal);
    const container = await runtime.createContainer(
      sandbox.id,
      containerConfig(fakeDisk(folder.path), ["true"]),
    );
    await runtime.startContainer(container).catch(() => {});
    const isOver = (event: RuntimeEvent): boolean =>
      event.type === "sandbox-not-ready" && event.sandboxId === sandbox.id;
    await until(() => events.some(isOver), "the machine's end");
    expect(runtime.podSandboxStatus(sandbox.id)).toMatchObject({
      state: "not-ready",
      reason: "ProtocolError",
    });
    expect(runtime.containerStatus(container)).toMatchObject({
      state: "exited",
      exitCode: 137,
      reason: "ContainerStatusUnknown",
    });
    expect(runtime.podSandboxStatus(bystander)?.state).toBe("ready");
    await runtime.removePodSandbox(sandbox.id);
  },
);
