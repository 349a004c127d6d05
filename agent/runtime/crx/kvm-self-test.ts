import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { timeoutSignal } from "../../../supervisor/base/timeout-signal.ts";
import { RuntimeError } from "../runtime.ts";
import { Machine } from "./machine.ts";
import { qemuCommandLine } from "./qemu/command-line.ts";
import type { QemuBinary } from "./qemu/find-qemu.ts";
import type { RuntimeContext } from "./runtime-context.ts";

const limitMs = 3000;
const memoryBytes = 128 << 20;

/** Boots the guest's kernel under KVM until its PID 1 answers. Rejects when it does not within three seconds. */
export async function kvmSelfTest(context: RuntimeContext, qemu: QemuBinary, folder: string): Promise<void> {
  const id = `self-test-${randomBytes(4).toString("hex")}`;
  const directory = join(folder, id);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const clock = timeoutSignal(
    context.clock,
    limitMs,
    () => new RuntimeError("timeout", `the guest's kernel did not boot under KVM within ${limitMs} ms`),
  );
  try {
    const args = qemuCommandLine({
      directory,
      sandboxId: id,
      accelerator: "kvm",
      cpuCount: 1,
      memoryBytes,
      kernelPath: context.guestImage.kernelPath,
      initrdPath: context.guestImage.initrdPath,
      kernelArguments: context.guestImage.kernelArguments,
      disks: [],
    });
    const spawned = await context.spawn({
      command: qemu.path,
      args,
      directory,
      unitName: `pacific-pod-${id}`,
    });
    const [machine] = await Machine.boot(directory, spawned, clock.signal);
    await machine.destroy();
  } finally {
    clock.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
