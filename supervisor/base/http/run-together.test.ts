import { expect, test } from "bun:test";
import { runTogether } from "./run-together.ts";

test("runTogether lets the work of a turn go through its stages side by side", async () => {
  const steps: string[] = [];
  const work = (name: string) =>
    new Promise<void>((resolve) => {
      runTogether(async () => {
        steps.push(`${name} begins`);
        await Promise.resolve();
        steps.push(`${name} ends`);
        resolve();
      });
    });
  await Promise.all([work("a"), Promise.resolve().then(() => work("b"))]);
  expect(steps).toEqual(["a begins", "b begins", "a ends", "b ends"]);
  await work("c");
  expect(steps.slice(4)).toEqual(["c begins", "c ends"]);
});
