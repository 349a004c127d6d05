import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Machine } from "../../agent/runtime/crx/machine.ts";
import { spawnDetached } from "../../agent/runtime/crx/qemu/spawn-qemu.ts";
import { StartDeadline } from "../../agent/runtime/crx/start-deadline.ts";
import { systemClock } from "../../supervisor/base/clock.ts";
import { builtImage, quiet } from "../integration/crx/fixtures.ts";

const ticksPerSecond = 100;
const longestBootMs = 60_000;

export interface Boot {
  readonly readyMs: number;
  /** CPU time of QEMU until then, which other load does not change much. */
  readonly cpuMs: number;
  readonly firstLineMs?: number;
}

/** CPU time that a process has used so far. */
export function cpuMs(pid: number): number {
  return ticksOf(pid, 11, 12);
}

/** CPU time of a process's children that have ended. */
export function childrenCpuMs(pid: number): number {
  return ticksOf(pid, 13, 14);
}

/** Fields of proc_pid_stat(5), counted from the process's state on. */
function ticksOf(pid: number, ...fields: readonly number[]): number {
  const values = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const ticks = fields.reduce((sum, field) => sum + Number(values[field]), 0);
  return (ticks * 1000) / ticksPerSecond;
}

/** The floor of every Pod's start: no more devices than PID 1 needs to answer. */
export async function bootBare(kernelArguments: string): Promise<Boot> {
  const directory = mkdtempSync(join(tmpdir(), "pacific-bare-"));
  const args = [
    ...["-M", "q35,usb=off,vmport=off,sata=off,smbus=off,hpet=off", "-accel", "tcg,thread=multi,tb-size=24"],
    ...["-nodefaults", "-no-user-config", "-display", "none", "-cpu", "max,-erms", "-m", "128M"],
    ...["-kernel", builtImage.kernel, "-initrd", builtImage.initramfs, "-append", kernelArguments],
    ...["-qmp", "unix:qmp.sock,server=on,wait=off", "-serial", "null", "-device", "virtio-serial-pci"],
    ...["-chardev", "socket,id=control,path=control.sock,server=on,wait=off"],
    ...["-device", "virtserialport,chardev=control,name=pacific.control"],
    ...["-chardev", "socket,id=streams,path=streams.sock,server=on,wait=off"],
    ...["-device", "virtserialport,chardev=streams,name=pacific.streams"],
  ];
  const start = performance.now();
  const spawned = await spawnDetached({
    command: "qemu-system-x86_64",
    args,
    directory,
    unitName: "pacific-bare",
  });
  const limits = { clock: systemClock, logger: quiet, what: "The bare machine", limitMs: longestBootMs };
  const deadline = new StartDeadline(limits);
  const [machine] = await Machine.boot(directory, spawned, deadline);
  deadline.stop();
  const boot = { readyMs: performance.now() - start, cpuMs: cpuMs(spawned.identity.pid) };
  await machine.destroy();
  rmSync(directory, { recursive: true });
  return boot;
}
