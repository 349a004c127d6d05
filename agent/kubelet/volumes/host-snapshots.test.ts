import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { FakeRuntime } from "../../../test/framework/fake-runtime.ts";
import { HostSnapshots } from "./host-snapshots.ts";

const folder = mkdtempSync(join(tmpdir(), "pacific-snapshots-"));
afterAll(() => rmSync(folder, { recursive: true }));

const clock = new FakeClock(Date.parse("2026-01-31T12:00:05.123Z"));
const runtime = new FakeRuntime(clock);
const pod: V1Pod = {
  metadata: { namespace: "ns", name: "p", uid: "u" },
  spec: { containers: [], volumes: [{ name: "data", persistentVolumeClaim: { claimName: "c" } }] },
};
const pods = { get: (key: string) => (key === "ns/p" ? pod : undefined) };
const snapshots = new HostSnapshots({ pods, runtime, folder, clock });
const watch = { signal: new AbortController().signal, onProgress: () => {} };

test("a snapshot is a file that names its Pod, its volume and the time, once it is whole", async () => {
  const reference = { namespace: "ns", pod: "p", volume: "data" };
  await expect(snapshots.take(reference, watch)).rejects.toThrow("Pod ns/p is not running");
  const metadata = { namespace: "ns", name: "p", uid: "u", attempt: 0 };
  // No more of a sandbox is looked at here.
  const config = { metadata, labels: {}, annotations: {} } as Parameters<typeof runtime.runPodSandbox>[0];
  await runtime.runPodSandbox(config, watch.signal);
  const path = await snapshots.take(reference, watch);
  expect(path).toBe(join(folder, "ns/p/data-20260131T120005.123Z.img"));
  expect(readFileSync(path, "utf8")).toBe("snapshot of data");
  await expect(snapshots.take({ ...reference, volume: "x" }, watch)).rejects.toThrow(
    'volume "x" not found in pod "p"',
  );
  await expect(snapshots.take({ ...reference, pod: "q" }, watch)).rejects.toThrow("pod does not exist");
});

test("a daemon removes what the one before it has not finished, and nothing else", async () => {
  mkdirSync(join(folder, "ns/other"), { recursive: true });
  const [whole, partial] = ["a.img", "b.img.partial"].map((name) => join(folder, "ns/other", name));
  for (const path of [whole, partial]) writeFileSync(path ?? "", "");
  await snapshots.sweep();
  expect([existsSync(whole ?? ""), existsSync(partial ?? "")]).toEqual([true, false]);
  await new HostSnapshots({ pods, runtime, folder: join(folder, "none"), clock }).sweep();
});
