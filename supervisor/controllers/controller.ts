import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logging.ts";
import type { SharedInformers } from "../client/shared-informers.ts";
import type { EventRecorder, KubernetesClient } from "../client/types.ts";
import type { WorkQueueMetrics } from "../client/work-queue-metrics.ts";

/** What a controller works with: an API server's client, and nothing of the process that it runs in. */
export interface ControllerEnvironment {
  readonly client: KubernetesClient;
  readonly informers: SharedInformers;
  readonly recorder: EventRecorder;
  /** A recorder of events that this component is the source of. */
  readonly recorderFor: (component: string) => EventRecorder;
  /** Where work queues are counted. */
  readonly metrics?: WorkQueueMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Controller {
  /** As `--disable` takes it; kube-controller-manager's name where it has such a controller. */
  readonly name: string;
  /** Works until the signal; resolves when it has stopped. */
  run(signal: AbortSignal): Promise<void>;
}
