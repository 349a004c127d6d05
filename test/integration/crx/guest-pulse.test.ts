/** One machine that lives through a wrong clock and an upgrade of its daemon, and ends by hanging. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import { unpackGuestImage } from "../../../agent/runtime/crx/guest-image.ts";
import type { RuntimeEvent } from "../../../agent/runtime/runtime.ts";
import { podMachinesOf } from "../../framework/host-processes.ts";
import {
  builtImage,
  busyboxDisk,
  containerConfig,
  missingForMachines,
  realRuntime,
  sandboxConfig,
  temporaryFolder,
  until,
} from "./fixtures.ts";

setDefaultTimeout(600_000);

const missing = missingForMachines();
const folder = temporaryFolder();
/** A guest that is well answers in time, however busy the machine is. */
const patient = { intervalMs: 200, answerMs: 120_000, misses: 2 };
const impatient = { ...patient, answerMs: 2000 };
const live: { runtime?: CrxRuntime; events?: readonly RuntimeEvent[]; container: string } = { container: "" };

afterAll(async () => {
  for (const { id } of live.runtime?.listPodSandboxes() ?? []) await live.runtime?.removePodSandbox(id);
  await live.runtime?.close();
  folder.remove();
});

function runtime(): CrxRuntime {
  if (!live.runtime) throw new Error("The runtime did not start");
  return live.runtime;
}

async function shell(script: string): Promise<string> {
  const options = { command: ["sh", "-c", script], tty: false, stdin: false, stdout: true, stderr: true };
  const session = await runtime().exec(live.container, options);
  session.stderr?.resume();
  const chunks: Buffer[] = [];
  for await (const chunk of session.stdout ?? []) chunks.push(chunk);
  await session.exit;
  return Buffer.concat(chunks).toString().trim();
}

function qemus(): number[] {
  return podMachinesOf(folder.path).map(({ pid }) => pid);
}

test.skipIf(missing !== "")(`a guest whose clock is wrong gets the host's time${missing}`, async () => {
  const disk = busyboxDisk(folder.path);
  Object.assign(live, await realRuntime(folder.path, { pulse: patient }));
  const config = sandboxConfig(folder.path, { imageDiskPaths: [disk] });
  const { id } = await runtime().runPodSandbox(config, new AbortController().signal);
  const security = { ...containerConfig("", []).security, privileged: true };
  live.container = await runtime().createContainer(
    id,
    containerConfig(disk, ["sleep", "1000"], { security }),
  );
  await runtime().startContainer(live.container);
  expect(await shell("date -s @1000000000 >/dev/null && echo set")).toBe("set");
  await until(
    async () => Math.abs(Number(await shell("date +%s")) - Date.now() / 1000) < 5,
    "the guest's time",
  );
});

test.skipIf(missing !== "")(
  `a daemon with another guest image leaves the machine running${missing}`,
  async () => {
    const before = qemus();
    await runtime().close();
    const manifest = join(folder.path, "manifest.json");
    const built = JSON.parse(readFileSync(builtImage.manifest, "utf8"));
    const kernelArguments = `${built.kernelArguments} pacific.other`;
    writeFileSync(manifest, JSON.stringify({ ...built, kernelArguments }));
    const earlier = await unpackGuestImage(folder.path, builtImage);
    const guestImage = await unpackGuestImage(folder.path, { ...builtImage, manifest });
    expect(guestImage.id).not.toBe(earlier.id);
    expect(existsSync(dirname(earlier.kernelPath))).toBe(false);
    Object.assign(live, await realRuntime(folder.path, { pulse: patient, guestImage }));
    expect(qemus()).toEqual(before);
    expect(runtime().listPodSandboxes()[0]?.state).toBe("ready");
    expect(await shell("cat /proc/cmdline")).not.toContain("pacific.other");
  },
);

test.skipIf(missing !== "")(`a guest that does not answer any more is ended${missing}`, async () => {
  const [pid = 0] = qemus();
  await runtime().close();
  Object.assign(live, await realRuntime(folder.path, { pulse: impatient }));
  process.kill(pid, "SIGSTOP");
  await until(() => live.events?.some(({ type }) => type === "sandbox-not-ready"), "the sandbox's end");
  expect(runtime().listPodSandboxes()[0]).toMatchObject({
    state: "not-ready",
    reason: "GuestHung",
    message: "The guest did not answer for 4 s",
  });
  expect(runtime().containerStatus(live.container)).toMatchObject({
    state: "exited",
    exitCode: 137,
    reason: "ContainerStatusUnknown",
  });
  await until(() => qemus().length === 0, "QEMU's end");
});
