import type { PodReference } from "./pod-streams.ts";

/** A volume by its name in the Pod's spec. */
export interface VolumeReference extends PodReference {
  readonly volume: string;
}

export interface SnapshotWatch {
  /** Calls it off. */
  readonly signal: AbortSignal;
  readonly onProgress: (copiedBytes: number, totalBytes: number) => void;
}

/** What the kubelet server needs for snapshots. The server owns this interface; the Spherelet implements it. */
export interface VolumeSnapshots {
  /**
   * Copies what a volume holds at one moment into a new file, and resolves with its path on the host. Throws
   * `KubeletError` and `RuntimeError`; their messages are shown to the user.
   */
  take(reference: VolumeReference, watch: SnapshotWatch): Promise<string>;
}
