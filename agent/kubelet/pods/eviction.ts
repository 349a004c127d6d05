/** Why and how the host ends a Pod that nobody deleted. */
export interface Eviction {
  readonly reason: string;
  readonly message: string;
  /** At most; the Pod's own grace period where that is shorter. */
  readonly gracePeriodSeconds: number;
  /** The Pod is told by its condition `DisruptionTarget` that the host ends it. */
  readonly isDisruption: boolean;
  /** No event tells of it. */
  readonly isSilent?: boolean;
}
