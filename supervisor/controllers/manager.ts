import { clockSleep } from "../base/clock.ts";
import { asError } from "../base/errors.ts";
import { Backoff } from "../client/backoff.ts";
import type { Controller, ControllerEnvironment } from "./controller.ts";

/** Runs controllers until the signal; one that fails is started again after a while, the others go on. */
export async function runControllers(
  controllers: readonly Controller[],
  environment: Pick<ControllerEnvironment, "clock" | "logger">,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(controllers.map((controller) => keepRunning(controller, environment, signal)));
}

async function keepRunning(
  controller: Controller,
  { clock, logger }: Pick<ControllerEnvironment, "clock" | "logger">,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff({ initialMs: 1000, maxMs: 60_000 });
  while (!signal.aborted) {
    try {
      await controller.run(signal);
      return;
    } catch (error) {
      const cause = asError(error);
      logger.error("A controller failed, starting it again", { controller: controller.name, error: cause });
      await clockSleep(clock, backoff.next(), signal);
    }
  }
}
