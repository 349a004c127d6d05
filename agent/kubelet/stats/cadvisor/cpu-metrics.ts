import { type ContainerMetric, type Subject, single } from "./subject.ts";

type Allowance = NonNullable<Subject["usage"]["cpu"]>;

/** What a container had of the processors. The figures of a limit are there where one is (cAdvisor's condition). */
export const cpuMetrics: readonly ContainerMetric[] = [
  [
    "counter",
    "container_cpu_usage_seconds_total",
    "Cumulative cpu time consumed in seconds.",
    ({ usage }) => [[usage.cpuNanoseconds / 1e9, { cpu: "total" }]],
  ],
  single(
    "counter",
    "container_cpu_user_seconds_total",
    "Cumulative user cpu time consumed in seconds.",
    ({ usage }) => usage.cpuUserNanoseconds / 1e9,
  ),
  single(
    "counter",
    "container_cpu_system_seconds_total",
    "Cumulative system cpu time consumed in seconds.",
    ({ usage }) => usage.cpuSystemNanoseconds / 1e9,
  ),
  single(
    "counter",
    "container_cpu_cfs_periods_total",
    "Number of elapsed enforcement period intervals.",
    limited(({ periodCount }) => periodCount),
  ),
  single(
    "counter",
    "container_cpu_cfs_throttled_periods_total",
    "Number of throttled period intervals.",
    limited(({ throttledPeriodCount }) => throttledPeriodCount),
  ),
  single(
    "counter",
    "container_cpu_cfs_throttled_seconds_total",
    "Total time duration the container has been throttled.",
    limited(({ throttledMicroseconds }) => throttledMicroseconds / 1e6),
  ),
  single(
    "gauge",
    "container_spec_cpu_period",
    "CPU period of the container.",
    ({ usage }) => usage.cpu?.periodMicroseconds,
  ),
  single(
    "gauge",
    "container_spec_cpu_quota",
    "CPU quota of the container.",
    limited(({ quotaMicroseconds }) => quotaMicroseconds),
  ),
  single(
    "gauge",
    "container_spec_cpu_shares",
    "CPU share of the container.",
    ({ usage }) => usage.cpu && sharesOfWeight(usage.cpu.weight),
  ),
];

function limited(
  read: (allowance: Allowance) => number | undefined,
): (subject: Subject) => number | undefined {
  return ({ usage: { cpu } }) => (cpu?.quotaMicroseconds === undefined ? undefined : read(cpu));
}

/** The weight of cgroup v2 (1 to 10000) on the scale of cgroup v1's shares (2 to 262144), as cAdvisor converts it. */
function sharesOfWeight(weight: number): number {
  return 2 + Math.floor(((weight - 1) * 262_142) / 9999);
}
