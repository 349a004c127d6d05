/** What the kubelet server needs of the Spherelet. The server owns this interface; the Spherelet implements it. */
import type { Duplex } from "node:stream";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import type { ExecOptions, StreamSession } from "../runtime/stream-session.ts";

export interface PodReference {
  readonly namespace: string;
  readonly pod: string;
}

export interface ContainerReference extends PodReference {
  readonly container: string;
}

/** A container's log on disk, in kubelet's CRI format (`2026-01-31T12:00:00.000000000Z stdout F text`). */
export interface ContainerLogFile {
  /** The file in use; older ones lie beside it as `<path>.<time>`, and the time sorts as text. It may be absent. */
  readonly path: string;
  /** Resolves when nothing more will be written; at once for a container that has ended. Never rejects. */
  readonly ended: Promise<void>;
}

export interface PodStreams {
  /** The Pods bound to this node, with the newest status that the Spherelet itself knows. */
  pods(): readonly V1Pod[];

  /** Runs a command in a running container. Throws `RuntimeError`; its message is shown to the user. */
  exec(reference: ContainerReference, options: ExecOptions): Promise<StreamSession>;

  /** Connects to a running container's own streams. Throws `RuntimeError`; its message is shown to the user. */
  attach(reference: ContainerReference, options: Omit<ExecOptions, "command">): Promise<StreamSession>;

  /** A connection to a TCP port on the Pod's loopback. Throws `RuntimeError`; its message is shown to the user. */
  portForward(reference: PodReference, port: number): Promise<Duplex>;

  /**
   * A connection to a TCP port at the Pod's address, as its node makes it. Throws `RuntimeError` for a Pod that does not
   * run, and an `Error` with the text of Go's `net.Dial`.
   */
  connect(reference: PodReference, port: number): Promise<Duplex>;

  /** The log of a container by its `containerID` as the Pod's status has it; undefined when it is gone. */
  logFile(containerId: string): ContainerLogFile | undefined;
}
