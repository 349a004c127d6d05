import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContainerStatus, PodSandboxStatus } from "../../runtime/runtime.ts";
import { TerminationMessages } from "./termination-messages.ts";

const folder = mkdtempSync(join(tmpdir(), "pacific-messages-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sandbox: PodSandboxStatus = {
  id: "s0",
  metadata: { namespace: "ns", name: "p", uid: "u", attempt: 0 },
  ...{ state: "ready", createdAt: new Date(0), labels: {}, annotations: {} },
};

async function messageOf(
  end: Partial<ContainerStatus>,
  policy = "FallbackToLogsOnError",
): Promise<string | undefined> {
  const container: ContainerStatus = {
    ...{ id: "c0", sandboxId: "s0", metadata: { name: "web", attempt: 0 }, state: "exited" },
    ...{ imageId: "sha256:1", createdAt: new Date(0), labels: {}, logPath: "web/0.log" },
    annotations: { "io.kubernetes.container.terminationMessagePolicy": policy },
    ...end,
  };
  const messages = new TerminationMessages(() => join(folder, "0.log"));
  const state = { sandboxes: [sandbox], containers: [container] };
  await messages.gather(state);
  return messages.enrich(state).containers[0]?.message;
}

test("TerminationMessages takes the container's own words, after the runtime's", async () => {
  expect(await messageOf({ exitCode: 1, terminationMessage: "no disk" })).toBe("no disk");
  expect(await messageOf({ exitCode: 1, message: "killed", terminationMessage: "no disk" })).toBe(
    "killed: no disk",
  );
  expect(await messageOf({ exitCode: 0 })).toBeUndefined();
});

test("TerminationMessages takes the log's last lines where a container failed without a word", async () => {
  const line = (text: string): string => `2026-01-31T12:00:00.000000000Z stdout F ${text}\n`;
  const lines = Array.from({ length: 100 }, (_, index) => line(`line ${index}`));
  writeFileSync(join(folder, "0.log"), lines.join(""));
  const tail = await messageOf({ exitCode: 1 });
  expect([tail?.split("\n")[0], tail?.split("\n").length]).toEqual(["line 20", 81]);
  expect(await messageOf({ exitCode: 0 })).toBeUndefined();
  expect(await messageOf({ exitCode: 1 }, "File")).toBeUndefined();
  writeFileSync(join(folder, "0.log"), line("x".repeat(5000)));
  expect(await messageOf({ exitCode: 1 })).toBe(`${"x".repeat(2047)}\n`);
  rmSync(join(folder, "0.log"));
  expect(await messageOf({ exitCode: 1 })).toBeUndefined();
});
