import {
  serviceAccountGroups,
  serviceAccountUser,
} from "../apiserver/authentication/service-account-name.ts";
import type { Clock } from "../base/clock.ts";
import { UsageError } from "../base/config/usage-error.ts";
import type { Logger } from "../base/logging.ts";
import type { MetricsRegistry } from "../base/metrics/metrics-registry.ts";
import { createEventRecorder } from "../client/event-recorder.ts";
import { SharedInformers } from "../client/shared-informers.ts";
import type { KubernetesClient } from "../client/types.ts";
import { WorkQueueMetrics } from "../client/work-queue-metrics.ts";
import { type ControllerOptions, createControllers } from "../controllers/controllers.ts";
import { runControllers } from "../controllers/manager.ts";
import { defaultSchedulerName, Scheduler, type SchedulerEnvironment } from "../scheduler/scheduler.ts";

/** Where the controllers' accounts are. */
const accountNamespace = "kube-system";

export interface BackgroundOptions extends ControllerOptions {
  /** A client that acts as a user. */
  clientOf(user: string, groups?: readonly string[]): KubernetesClient;
  /** `scheduler`, `controllers`, or names of single controllers. */
  readonly disabled: ReadonlySet<string>;
  /** Where work queues are counted. */
  readonly registry: MetricsRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Puts controllers and scheduler together; they work from when the result is called until its signal. Throws where an
 * option is no good, as a {@link UsageError} where what is disabled does not exist.
 */
export function createBackground(options: BackgroundOptions): (signal: AbortSignal) => Promise<void> {
  const { clientOf, disabled, clock, logger } = options;
  const metrics = new WorkQueueMetrics(options.registry);
  const manager = clientOf("system:kube-controller-manager");
  const informers = new SharedInformers(manager, { clock, logger });
  const environment = { client: manager, informers, clock, logger };
  const recorderFor = (component: string) => createEventRecorder(manager, { component, clock, logger });
  const recorder = recorderFor("node-controller");
  const accountGroups = serviceAccountGroups(accountNamespace);
  const all = createControllers((account) => {
    const client =
      account === undefined
        ? manager
        : clientOf(serviceAccountUser(accountNamespace, account), accountGroups);
    return { ...environment, metrics, client, recorder, recorderFor };
  }, options);
  checkNames(disabled, ["scheduler", "controllers", ...all.map(({ name }) => name)]);
  const controllers = disabled.has("controllers") ? [] : all.filter(({ name }) => !disabled.has(name));
  const scheduler = disabled.has("scheduler") ? undefined : createScheduler(options, environment);
  return async (signal) => {
    if (controllers.length === 0 && scheduler === undefined) return;
    const running = [runControllers(controllers, environment, signal), informers.run(signal)];
    if (scheduler !== undefined) running.push(scheduler.run(signal));
    await Promise.all(running);
  };
}

function createScheduler(
  { clientOf, clock, logger }: BackgroundOptions,
  environment: Omit<SchedulerEnvironment, "recorder">,
): Scheduler {
  const client = clientOf("system:kube-scheduler");
  const recorder = createEventRecorder(client, { component: defaultSchedulerName, clock, logger });
  return new Scheduler({ ...environment, client, recorder });
}

function checkNames(disabled: ReadonlySet<string>, known: readonly string[]): void {
  const unknown = [...disabled].find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(`--disable names ${JSON.stringify(unknown)}: expected some of ${known.join(", ")}`);
}
