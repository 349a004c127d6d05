import { expect, test } from "bun:test";
import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { restartsAfter } from "./restart-policy.ts";

function restarts(podPolicy: string, own: Partial<V1Container>, exitCode: number): boolean {
  const pod: V1Pod = { spec: { restartPolicy: podPolicy, containers: [] } };
  return restartsAfter(pod, { name: "web", ...own }, exitCode);
}

test("restartsAfter asks the container's policy before its Pod's", () => {
  const cases: ReadonlyArray<readonly [string, string | undefined, number, boolean]> = [
    ["Always", undefined, 0, true],
    ["OnFailure", undefined, 0, false],
    ["OnFailure", undefined, 1, true],
    ["Never", undefined, 1, false],
    ["Never", "OnFailure", 1, true],
    ["Never", "OnFailure", 0, false],
    ["Always", "Never", 1, false],
  ];
  for (const [pod, restartPolicy, exitCode, expected] of cases) {
    const own = restartPolicy === undefined ? {} : { restartPolicy };
    expect([pod, restartPolicy, exitCode, restarts(pod, own, exitCode)]).toEqual([
      pod,
      restartPolicy,
      exitCode,
      expected,
    ]);
  }
});

test("restartsAfter takes the first rule that fits the exit code", () => {
  const rule = (operator: string, ...values: number[]) => ({
    action: "Restart",
    exitCodes: { operator, values },
  });
  const only42 = { restartPolicy: "Never", restartPolicyRules: [rule("In", 42)] };
  expect([41, 42].map((exitCode) => restarts("Never", only42, exitCode))).toEqual([false, true]);
  const not42 = { restartPolicy: "Never", restartPolicyRules: [rule("NotIn", 42)] };
  expect([41, 42].map((exitCode) => restarts("Never", not42, exitCode))).toEqual([true, false]);
  expect(restarts("Never", { restartPolicyRules: [rule("In", 42)] }, 42)).toBe(false);
});
