import { expect, test } from "bun:test";
import { canonicalQuantity } from "./quantity-format.ts";

test("canonicalQuantity gives the form that Kubernetes gives back", () => {
  const cases: Readonly<Record<string, string>> = {
    "0.5": "500m",
    "1000m": "1",
    "1024Mi": "1Gi",
    "1500Mi": "1500Mi",
    "1.5Gi": "1536Mi",
    "0.5Ki": "512",
    "100000": "100k",
    "12e6": "12e6",
    "0": "0",
    "-1500m": "-1500m",
    "1048576": "1048576",
    "0.1u": "100n",
  };
  for (const [given, expected] of Object.entries(cases)) expect(canonicalQuantity(given)).toBe(expected);
});
