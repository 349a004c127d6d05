import { expect, test } from "bun:test";
import { ProbeThreshold, type ProbeVerdict } from "./probe-threshold.ts";

function counted(threshold: ProbeThreshold, results: string): string {
  const verdicts: Record<string, ProbeVerdict> = { s: "success", f: "failure" };
  return [...results].map((letter) => (threshold.add(verdicts[letter] ?? "failure") ? letter : ".")).join("");
}

test("ProbeThreshold counts results in a row", () => {
  const threshold = new ProbeThreshold({ successThreshold: 2, failureThreshold: 3 });
  expect(counted(threshold, "ffsssfffsfs")).toBe("...ss..f...");
});

test("ProbeThreshold has the defaults of the API", () => {
  expect(counted(new ProbeThreshold({}), "sffffs")).toBe("s..ffs");
});
