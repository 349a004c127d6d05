import { expect, test } from "bun:test";
import {
  addResources,
  equalResources,
  exceededResources,
  formatResources,
  maxResources,
  subtractResources,
} from "./resource-list.ts";

test("amounts are added in the way they are written", () => {
  const sum = addResources(
    { cpu: "500m", memory: "1Gi", pods: "0" },
    { cpu: "1", memory: "512Mi", "a/b": "2" },
  );
  expect(sum).toEqual({ cpu: "1500m", memory: "1536Mi", pods: "0", "a/b": "2" });
  expect(addResources({ memory: "0" }, { memory: "64Mi" })).toEqual({ memory: "64Mi" });
  expect(formatResources(sum)).toBe("a/b=2,cpu=1500m,memory=1536Mi,pods=0");
});

test("differences are not negative, and the greater amount wins", () => {
  expect(subtractResources({ cpu: "1", pods: "1" }, { cpu: "250m", pods: "2" })).toEqual({
    cpu: "750m",
    pods: "0",
  });
  expect(maxResources({ cpu: "1" }, { cpu: "900m", memory: "1" })).toEqual({ cpu: "1", memory: "1" });
});

test("comparisons look at amounts, not at texts", () => {
  expect(equalResources({ cpu: "1" }, { cpu: "1000m" })).toBe(true);
  expect(equalResources({ cpu: "1" }, { cpu: "1", pods: "0" })).toBe(false);
  expect(exceededResources({ cpu: "1001m", pods: "1", other: "9" }, { cpu: "1", pods: "1" })).toEqual([
    "cpu",
  ]);
});
