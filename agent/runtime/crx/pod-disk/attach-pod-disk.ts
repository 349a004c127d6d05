import type { FileHandle } from "node:fs/promises";
import { messageOf } from "../../../../supervisor/base/errors.ts";
import { RuntimeError } from "../../runtime.ts";
import type { Machine } from "../machine.ts";
import { addFileNode } from "../qemu/add-file-node.ts";
import { podDiskBackend, podDiskFile, podDiskFileName, podDiskPlugged } from "../qemu/command-line.ts";
import type { OpenPodDisk, PodDisks } from "./pod-disks.ts";

/** A sandbox whose machine answers. */
export interface DiskPlace {
  readonly uid: string;
  readonly sandboxId: string;
  readonly machine: Machine;
  readonly start: "pool" | "clone" | "boot";
}

/**
 * Gives a machine the disk of its Pod: a clone has one from its start, which becomes the Pod's. A Pod that has had none
 * can do without: resolves with the reason then. Throws {@link RuntimeError} `create-failed` where the disk of an earlier
 * machine of the Pod cannot be had, as its volumes are on it.
 */
export async function attachPodDisk(disks: PodDisks, place: DiskPlace): Promise<string | undefined> {
  if (disks.problem !== undefined) return disks.problem;
  if (place.start === "boot") return await plugIn(disks, place);
  const earlier = await disks.find(place.uid);
  if (earlier) await exchange(disks, place, earlier);
  else await disks.adopt(place.uid, place.sandboxId);
  return undefined;
}

async function plugIn(disks: PodDisks, { uid, sandboxId, machine }: DiskPlace): Promise<string | undefined> {
  let disk: OpenPodDisk | undefined;
  try {
    // A clone that failed may have been there before.
    await disks.discardBlank(sandboxId);
    disk = await disks.open(uid);
    await addFileNode(machine.qmp, disk.file, podDiskFile);
    await machine.qmp.execute("blockdev-add", podDiskBackend(podDiskFileName));
    await machine.qmp.execute("device_add", podDiskPlugged);
    await machine.guest.mountPodDisk();
    return undefined;
  } catch (error) {
    if (disk?.isNew === false) throw lost(error);
    return messageOf(error);
  } finally {
    await disk?.file.close();
  }
}

/** The disk of an earlier machine takes the place of the one that a clone was started with. */
async function exchange(
  disks: PodDisks,
  { sandboxId, machine }: DiskPlace,
  earlier: FileHandle,
): Promise<void> {
  try {
    await machine.guest.unmountPodDisk();
    await addFileNode(machine.qmp, earlier, podDiskFile);
    await machine.qmp.execute("blockdev-reopen", { options: [podDiskBackend(podDiskFileName)] });
    await machine.guest.mountPodDisk();
    await disks.discardBlank(sandboxId);
  } catch (error) {
    throw lost(error);
  } finally {
    await earlier.close();
  }
}

function lost(error: unknown): RuntimeError {
  const text = `The disk of the Pod cannot be used again: ${messageOf(error)}`;
  return new RuntimeError("create-failed", text, { cause: error });
}
