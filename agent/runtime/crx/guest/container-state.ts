import type { ContainerUser } from "../../runtime.ts";
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

/** A container that runs, in the guest's words; an older guest does not tell who runs. */
export interface ContainerStart {
  readonly startedAtMs?: number;
  readonly user?: ContainerUser;
}

/** A container in the guest's list. */
export interface GuestContainer extends ContainerStart {
  readonly id: string;
  /** `starting`: it has a process, which does not run the container's program yet. */
  readonly state: "created" | "starting" | "running" | "exited";
  readonly exit?: ContainerExit;
  readonly streams: StreamIds;
}

/** Of a user with as many groups as a guest tells. */
const maxIdentityNumbers = 127;

const states: Readonly<Record<number, "created" | "running" | "exited">> = {
  1: "created",
  2: "running",
  3: "exited",
};

export function readGuestContainer(fields: FieldReader): GuestContainer {
  const state = states[fields.needU32(tag.containerState)] ?? "exited";
  return {
    id: fields.text(tag.container) ?? "",
    state: state === "created" && fields.u32(tag.pid) !== undefined ? "starting" : state,
    streams: readStreamIds(fields),
    ...readContainerStart(fields),
    ...(state === "exited" ? { exit: readContainerExit(fields) } : {}),
  };
}

export function readContainerStart(fields: FieldReader): ContainerStart {
  const startedAtMs = readTimeMs(fields, tag.startedAt);
  const user = readUser(fields.u32List(tag.identity, maxIdentityNumbers));
  return { ...(startedAtMs !== undefined && { startedAtMs }), ...(user && { user }) };
}

/** The user, the group, further groups. */
function readUser(numbers: readonly number[] | undefined): ContainerUser | undefined {
  const [uid, gid, ...supplementalGroups] = numbers ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid, gid, supplementalGroups };
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
