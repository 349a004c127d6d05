import { expect, test } from "bun:test";
import { parseUsageText } from "./usage-text.ts";

const page = `# HELP container_cpu_usage_seconds_total [STABLE] Cumulative
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{container="web",namespace="shop",pod="a"} 12.5 1769860800000
container_memory_working_set_bytes{container="web",namespace="shop",pod="a"} 2.5e+06 1769860800000
container_start_time_seconds{container="web",namespace="shop",pod="a"} 1769860700
container_cpu_usage_seconds_total{container="half",namespace="shop",pod="a"} 1 1769860800000
node_cpu_usage_seconds_total 99 1769860800500
node_memory_working_set_bytes 4096
pod_cpu_usage_seconds_total{namespace="shop",pod="a"} 13
node_nonsense NaN
rubbish
`;

test("parseUsageText reads containers and the node, and leaves out what is not whole", () => {
  const { node, containers } = parseUsageText(page, 7);
  expect([...containers]).toEqual([
    [
      "shop/a/web",
      {
        atMs: 1_769_860_800_000,
        cpuSeconds: 12.5,
        memoryBytes: 2_500_000,
        startedAtMs: 1_769_860_700_000,
      },
    ],
  ]);
  expect(node).toEqual({ atMs: 1_769_860_800_500, cpuSeconds: 99, memoryBytes: 4096 });
});
