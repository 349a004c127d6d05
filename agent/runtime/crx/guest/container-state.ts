import type { FieldReader } from "../channel/fields.ts";
import { tag } from "../channel/protocol.ts";
import { readStreamIds, type StreamIds } from "./stream-ids.ts";

/** How a container ended, in the guest's words. */
export interface ContainerExit {
  readonly exitCode: number;
  readonly signal?: number;
  readonly oomKilled: boolean;
  /** Why the process could not be started; absent when it ran. */
  readonly message?: string;
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
  /** What the container itself says of its end; at most 4 KiB. */
  readonly terminationMessage?: string;
}

/** A container in the guest's list. */
export interface GuestContainer {
  readonly id: string;
  readonly state: "created" | "running" | "exited";
  readonly startedAtMs?: number;
  readonly exit?: ContainerExit;
  readonly streams: StreamIds;
}

const states: Readonly<Record<number, GuestContainer["state"]>> = { 1: "created", 2: "running", 3: "exited" };

export function readGuestContainer(fields: FieldReader): GuestContainer {
  const state = states[fields.needU32(tag.containerState)] ?? "exited";
  const startedAtMs = readTimeMs(fields, tag.startedAt);
  return {
    id: fields.text(tag.container) ?? "",
    state,
    streams: readStreamIds(fields),
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(state === "exited" ? { exit: readContainerExit(fields) } : {}),
  };
}

export function readContainerExit(fields: FieldReader): ContainerExit {
  const signal = fields.u32(tag.exitSignal);
  const startedAtMs = readTimeMs(fields, tag.startedAt);
  const finishedAtMs = readTimeMs(fields, tag.finishedAt);
  const message = fields.message(tag.message);
  const terminationMessage = fields.message(tag.terminationMessage);
  return {
    // Linux has eight bits for an exit code; a guest that says more is cut to them.
    exitCode: (fields.u32(tag.exitCode) ?? 0) & 0xff,
    oomKilled: fields.u32(tag.oomKilled) === 1,
    ...(signal ? { signal } : {}),
    ...(message ? { message } : {}),
    ...(terminationMessage ? { terminationMessage } : {}),
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(finishedAtMs === undefined ? {} : { finishedAtMs }),
  };
}

/** A time in milliseconds since 1970, from the guest's nanoseconds. */
export function readTimeMs(fields: FieldReader, fieldTag: number): number | undefined {
  const nanoseconds = fields.u64(fieldTag);
  return nanoseconds ? Number(nanoseconds / 1_000_000n) : undefined;
}
