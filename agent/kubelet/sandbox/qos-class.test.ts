import { expect, test } from "bun:test";
import type { V1ResourceRequirements } from "../../../supervisor/api/generated/types.ts";
import { qosClass } from "./qos-class.ts";

function classOf(...resources: V1ResourceRequirements[]): string {
  const containers = resources.map((own, index) => ({ name: `c${index}`, resources: own }));
  return qosClass({ spec: { containers } });
}

test("qosClass is Guaranteed only where every container's requests are its limits", () => {
  const whole = { limits: { cpu: "1", memory: "1Gi" } };
  expect(classOf(whole)).toBe("Guaranteed");
  expect(classOf({ ...whole, requests: { cpu: "1000m", memory: "1024Mi" } })).toBe("Guaranteed");
  expect(classOf(whole, {})).toBe("Burstable");
  expect(classOf({ ...whole, requests: { cpu: "500m" } })).toBe("Burstable");
  expect(classOf({ limits: { memory: "1Gi" } })).toBe("Burstable");
  expect(classOf({}, {})).toBe("BestEffort");
  expect(classOf({ requests: { cpu: "0" }, limits: { "example.com/gpu": "1" } })).toBe("BestEffort");
});
