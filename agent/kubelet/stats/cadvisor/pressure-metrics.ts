import type { Pressures } from "../../../runtime/pressure.ts";
import { type ContainerMetric, single } from "./subject.ts";

/** For how long a container waited for what it lacked; told where its guest's kernel tells. */
export const pressureMetrics: readonly ContainerMetric[] = [
  pressure("cpu", "CPU"),
  pressure("memory", "memory"),
  pressure("io", "IO"),
].flat();

function pressure(resource: keyof Pressures, word: string): ContainerMetric[] {
  return [
    single(
      "counter",
      `container_pressure_${resource}_stalled_seconds_total`,
      `Total time duration no tasks in the container could make progress due to ${word} congestion.`,
      ({ usage }) => seconds(usage.pressures?.[resource]?.full.totalMicroseconds),
    ),
    single(
      "counter",
      `container_pressure_${resource}_waiting_seconds_total`,
      `Total time duration tasks in the container have waited due to ${word} congestion.`,
      ({ usage }) => seconds(usage.pressures?.[resource]?.some.totalMicroseconds),
    ),
  ];
}

function seconds(microseconds: number | undefined): number | undefined {
  return microseconds === undefined ? undefined : microseconds / 1e6;
}
