import type { Clock } from "../base/clock.ts";
import { UsageError } from "../base/config/usage-error.ts";
import type { Logger } from "../base/logging.ts";
import { createEventRecorder } from "../client/event-recorder.ts";
import { SharedInformers } from "../client/shared-informers.ts";
import type { KubernetesClient } from "../client/types.ts";
import { type ControllerOptions, createControllers } from "../controllers/controllers.ts";
import { runControllers } from "../controllers/manager.ts";
import { defaultSchedulerName, Scheduler } from "../scheduler/scheduler.ts";

export interface BackgroundOptions extends ControllerOptions {
  readonly client: KubernetesClient;
  /** `scheduler`, `controllers`, or names of single controllers. */
  readonly disabled: ReadonlySet<string>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Puts controllers and scheduler together; they work from when the result is called until its signal. Throws where an
 * option is no good, as a {@link UsageError} where what is disabled does not exist.
 */
export function createBackground(options: BackgroundOptions): (signal: AbortSignal) => Promise<void> {
  const { client, disabled, clock, logger } = options;
  const informers = new SharedInformers(client, { clock, logger });
  const recorderFor = (component: string) => createEventRecorder(client, { component, clock, logger });
  const environment = { client, informers, clock, logger };
  const all = createControllers({ ...environment, recorder: recorderFor("node-controller") }, options);
  checkNames(disabled, ["scheduler", "controllers", ...all.map(({ name }) => name)]);
  const controllers = disabled.has("controllers") ? [] : all.filter(({ name }) => !disabled.has(name));
  const recorder = recorderFor(defaultSchedulerName);
  const scheduler = disabled.has("scheduler") ? undefined : new Scheduler({ ...environment, recorder });
  return async (signal) => {
    if (controllers.length === 0 && scheduler === undefined) return;
    const running = [runControllers(controllers, environment, signal), informers.run(signal)];
    if (scheduler !== undefined) running.push(scheduler.run(signal));
    await Promise.all(running);
  };
}

function checkNames(disabled: ReadonlySet<string>, known: readonly string[]): void {
  const unknown = [...disabled].find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(`--disable names ${JSON.stringify(unknown)}: expected some of ${known.join(", ")}`);
}
