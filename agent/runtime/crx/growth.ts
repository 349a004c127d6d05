import { sleep } from "../../../supervisor/base/signals.ts";
import { RuntimeError } from "../runtime.ts";
import { waitForCodeRoom } from "./qemu/code-room.ts";
import { hotplugBus, memorySlot } from "./qemu/command-line.ts";
import { type QmpClient, QmpError } from "./qemu/qmp-client.ts";

/** What a guest's kernel takes of a virtio-mem device at once. */
const memoryUnitBytes = 4 << 20;
/** What its kernel manages as one block, which has to lie in the device as a whole. */
const memoryBlockBytes = 128 << 20;
const lookIntervalMs = 5;
const deviceId = "memory";
const backendId = "growth";

/**
 * Gives a machine whose guest answers this much memory beyond its template's, and resolves when the guest uses all of
 * it, or has given back what is too much. It is the machine's own. `maxBytes` is what it may ever have so; nothing is
 * taken for it before it is used. Throws what QEMU says, or the signal's reason; a guest that is slow goes on by itself.
 */
export async function setMemory(
  qmp: QmpClient,
  bytes: number,
  maxBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const requested = roundUp(bytes, memoryUnitBytes);
  const device = await memoryDevice(qmp);
  if (device) {
    const property = { path: `/machine/peripheral/${deviceId}`, property: "requested-size" };
    await qmp.execute("qom-set", { ...property, value: Math.min(requested, device.maxBytes) });
  } else if (requested > 0) {
    const least = roundUp(bytes, memoryBlockBytes);
    await makeBackend(qmp, Math.max(least, roundDown(maxBytes, memoryBlockBytes)), least);
    await plugMemory(qmp, requested);
  }
  while (!(await isSettled(qmp))) {
    await sleep(lookIntervalMs, signal);
    signal.throwIfAborted();
  }
}

/** What the guest uses beyond the template's memory. */
export async function extraMemory(qmp: QmpClient): Promise<number> {
  return (await memoryDevice(qmp))?.pluggedBytes ?? 0;
}

async function isSettled(qmp: QmpClient): Promise<boolean> {
  const device = await memoryDevice(qmp);
  return device === undefined || device.pluggedBytes === device.requestedBytes;
}

/** Only what the guest uses costs anything; but a box that promises no more than it has takes no more than is needed. */
async function makeBackend(qmp: QmpClient, size: number, least: number): Promise<void> {
  const backend = { "qom-type": "memory-backend-ram", id: backendId };
  try {
    await qmp.execute("object-add", { ...backend, size });
  } catch (error) {
    if (!(error instanceof QmpError && error.kind === "command") || size === least) throw error;
    await qmp.execute("object-add", { ...backend, size: least });
  }
}

async function plugMemory(qmp: QmpClient, requested: number): Promise<void> {
  await qmp.execute("device_add", {
    driver: "virtio-mem-pci",
    id: deviceId,
    memdev: backendId,
    "requested-size": requested,
    "disable-legacy": "on",
    bus: hotplugBus,
    addr: memorySlot.toString(16),
  });
}

function roundUp(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit;
}

function roundDown(bytes: number, unit: number): number {
  return Math.floor(bytes / unit) * unit;
}

interface MemoryDevice {
  readonly pluggedBytes: number;
  readonly requestedBytes: number;
  readonly maxBytes: number;
}

async function memoryDevice(qmp: QmpClient): Promise<MemoryDevice | undefined> {
  const devices = await qmp.execute("query-memory-devices");
  const [first] = Array.isArray(devices) ? devices : [];
  if (first === undefined) return undefined;
  const data = Object(Object(first).data);
  return {
    pluggedBytes: Number(data.size ?? 0),
    requestedBytes: Number(data["requested-size"] ?? 0),
    maxBytes: Number(data["max-size"] ?? 0),
  };
}

/**
 * Plugs processors into a machine until it has `count`; those that it has already count. Waits while QEMU has no room for
 * what one more would translate. Called once at a time.
 */
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
