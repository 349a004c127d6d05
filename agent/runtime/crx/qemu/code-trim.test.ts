import { expect, test } from "bun:test";
import { processIdentity } from "../../../../supervisor/base/process-identity.ts";
import { FakeClock } from "../../../../test/framework/fake-clock.ts";
import { CodeTrim } from "./code-trim.ts";

test("asks a while after the last container's start, once, and not when it was stopped", async () => {
  const script = 'trap "exit 7" URG; echo ready; while :; do sleep 0.02; done';
  const child = Bun.spawn(["sh", "-c", script], { stdout: "pipe", stderr: "ignore" });
  await child.stdout.getReader().read();
  const identity = processIdentity(child.pid);
  if (!identity) throw new Error("The shell has ended");
  const clock = new FakeClock();
  const trim = new CodeTrim(identity);
  trim.later(clock);
  await clock.advance(15_000);
  trim.later(clock);
  await clock.advance(15_000);
  expect(child.exitCode).toBeNull();
  trim.stop();
  expect(clock.pending).toBe(0);
  trim.later(clock);
  await clock.advance(20_000);
  expect(await child.exited).toBe(7);
  // A process that is gone is left alone.
  trim.later(clock);
  await clock.advance(20_000);
  expect(clock.pending).toBe(0);
});
