import { type Clock, clockSleep } from "../../../supervisor/base/clock.ts";
import type { Container } from "./container.ts";
import type { GuestContainer } from "./guest/container-state.ts";
import type { Guest, GuestList } from "./guest/guest.ts";

const lookMs = 20;

/**
 * Brings the containers of a sandbox up to what its guest says happened while no daemon was there. What the guest has
 * beyond them (half-made containers, processes and streams of sessions that ended with the daemon) it is told to drop.
 * Waits for those that are being started until the signal; one that does not run by then counts as not started.
 */
export async function takeOverContainers(
  guest: Guest,
  containers: ReadonlyMap<string, Container>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const list = await settledList(guest, clock, signal);
  const known = new Map(list.containers.map((container) => [container.id, container]));
  const keptStreams = new Set<number>();
  const takenOver = [...containers].map(([id, container]) => {
    const state = known.get(id);
    known.delete(id);
    for (const stream of Object.values(state?.streams ?? {})) keptStreams.add(stream);
    return takeOver(guest, container, state);
  });
  await Promise.all(takenOver);
  for (const execId of list.execIds) await guest.signal({ execId }, 9).catch(() => {});
  for (const { id } of known.values()) {
    await guest.signal({ containerId: id }, 9, true).catch(() => {});
    await guest.removeContainer(id).catch(() => {});
  }
  for (const id of list.streamIds) if (!keptStreams.has(id)) guest.streams.discard(id);
}

/** The daemon that asked for a start may have ended before its answer: what became of it is known a moment later. */
async function settledList(
  guest: Pick<Guest, "list">,
  clock: Clock,
  signal: AbortSignal,
): Promise<GuestList> {
  for (;;) {
    const list = await guest.list();
    if (signal.aborted || list.containers.every(({ state }) => state !== "starting")) return list;
    await clockSleep(clock, lookMs, signal);
  }
}

async function takeOver(
  guest: Guest,
  container: Container,
  state: GuestContainer | undefined,
): Promise<void> {
  if (state) {
    await container.connect(guest, state.streams);
    if (state.state === "running") await container.foundRunning(state);
    if (state.exit) await container.exit(state.exit);
  } else {
    await container.machineEnded("ContainerStatusUnknown", "The guest does not know the container");
  }
}
