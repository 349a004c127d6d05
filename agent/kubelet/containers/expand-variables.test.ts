import { expect, test } from "bun:test";
import { expandVariables } from "./expand-variables.ts";

test("expandVariables follows the API's rules for $(NAME)", () => {
  const variables = new Map([
    ["A", "1"],
    ["B", "$(A)"],
    ["EMPTY", ""],
  ]);
  const cases: ReadonlyArray<readonly [string, string]> = [
    ["plain", "plain"],
    ["$(A)", "1"],
    ["x$(A)y$(A)z", "x1y1z"],
    ["$(B)", "$(A)"],
    ["[$(EMPTY)]", "[]"],
    ["$(UNKNOWN)", "$(UNKNOWN)"],
    ["$$(A)", "$(A)"],
    ["$$$(A)", "$1"],
    ["$$$$(A)", "$$(A)"],
    ["$(A", "$(A"],
    ["$A", "$A"],
    ["cost: $", "cost: $"],
    ["$()", "$()"],
    ["$($(A))", "$($(A))"],
  ];
  for (const [text, expanded] of cases)
    expect([text, expandVariables(text, variables)]).toEqual([text, expanded]);
});
