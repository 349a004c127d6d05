import { sleep } from "../../../supervisor/base/signals.ts";
import { RuntimeError } from "../runtime.ts";
import { waitForCodeRoom } from "./qemu/code-room.ts";
import { hotplugBus, memorySlot } from "./qemu/command-line.ts";
import type { QmpClient } from "./qemu/qmp-client.ts";

/** What a guest's kernel takes of a virtio-mem device at once. */
const memoryUnitBytes = 4 << 20;
/** What its kernel manages as one block, which has to lie in the device as a whole. */
const memoryBlockBytes = 128 << 20;
const lookIntervalMs = 5;

/**
 * Plugs more memory into a machine whose guest answers, and resolves when the guest uses all of it. It is the machine's
 * own, not of its template. Throws what QEMU says, or the signal's reason.
 */
export async function growMemory(qmp: QmpClient, bytes: number, signal: AbortSignal): Promise<void> {
  const requested = roundUp(bytes, memoryUnitBytes);
  const size = roundUp(bytes, memoryBlockBytes);
  await qmp.execute("object-add", { "qom-type": "memory-backend-ram", id: "growth", size });
  await qmp.execute("device_add", {
    driver: "virtio-mem-pci",
    id: "memory",
    memdev: "growth",
    "requested-size": requested,
    "disable-legacy": "on",
    bus: hotplugBus,
    addr: memorySlot.toString(16),
  });
  while ((await pluggedBytes(qmp)) < requested) {
    await sleep(lookIntervalMs, signal);
    signal.throwIfAborted();
  }
}

function roundUp(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit;
}

async function pluggedBytes(qmp: QmpClient): Promise<number> {
  const devices = await qmp.execute("query-memory-devices");
  const [first] = Array.isArray(devices) ? devices : [];
  return Number(Object(Object(first).data).size ?? 0);
}

/** Plugs processors into a machine until it has `count`; those that it has already count. */
export async function plugProcessors(qmp: QmpClient, count: number): Promise<void> {
  const answer = await qmp.execute("query-hotpluggable-cpus");
  const places: unknown[] = Array.isArray(answer) ? answer : [];
  const free = places.map(Object).filter((place) => place["qom-path"] === undefined);
  const missing = count - (places.length - free.length);
  if (missing > free.length) {
    const text = `The machine has room for ${places.length} processors, expected ${count}`;
    throw new RuntimeError("create-failed", text);
  }
  let present = places.length - free.length;
  // QEMU lists the last place first.
  for (const place of free.reverse().slice(0, Math.max(missing, 0))) {
    await waitForCodeRoom(qmp, { present, most: places.length });
    const id = `processor-${Object.values(Object(place.props)).join("-")}`;
    await qmp.execute("device_add", { driver: place.type, id, ...Object(place.props) });
    present++;
  }
}
