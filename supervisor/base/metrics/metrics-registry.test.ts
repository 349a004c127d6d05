import { expect, test } from "bun:test";
import { MetricsRegistry } from "./metrics-registry.ts";

test("MetricsRegistry writes what was counted in Prometheus' text format", async () => {
  const registry = new MetricsRegistry();
  const requests = registry.values("counter", "requests_total", "How\nmany.");
  requests({ verb: "GET", path: '/a"b\\' }).add(2);
  requests({ verb: "GET", path: '/a"b\\' }).add(1);
  registry.values("gauge", "in_flight", "Now.")().set(7);
  const left = registry.values("gauge", "left", "Without end.");
  left().set(Number.POSITIVE_INFINITY);
  left({ of: "gone" }).set(1);
  left.remove({ of: "gone" });
  registry.values("gauge", "unused", "Never set.");
  const seconds = registry.histogram("duration_seconds", "How long.", [0.1, 1]);
  for (const value of [0.1, 0.5, 3]) seconds({ verb: "GET" }).observe(value);
  registry.collected("gauge", "asked", "When asked.", async () => [{ labels: { kind: "a" }, value: 1 }]);
  const dated = { labels: {}, value: 3, timestampMs: 1_769_860_800_000 };
  registry.collected("gauge", "dated", "With its time.", () => [dated]);
  expect(await registry.text()).toBe(`# HELP asked When asked.
# TYPE asked gauge
asked{kind="a"} 1
# HELP dated With its time.
# TYPE dated gauge
dated 3 1769860800000
# HELP duration_seconds How long.
# TYPE duration_seconds histogram
duration_seconds_bucket{verb="GET",le="0.1"} 1
duration_seconds_bucket{verb="GET",le="1"} 2
duration_seconds_bucket{verb="GET",le="+Inf"} 3
duration_seconds_sum{verb="GET"} 3.6
duration_seconds_count{verb="GET"} 3
# HELP in_flight Now.
# TYPE in_flight gauge
in_flight 7
# HELP left Without end.
# TYPE left gauge
left +Inf
# HELP requests_total How\\nmany.
# TYPE requests_total counter
requests_total{verb="GET",path="/a\\"b\\\\"} 3
`);
  expect(() => registry.values("gauge", "asked", "Again.")).toThrow("Metric asked exists already");
});
