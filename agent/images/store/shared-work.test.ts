import { expect, test } from "bun:test";
import { SharedWork } from "./shared-work.ts";

const never = new AbortController().signal;

test("SharedWork does once what several want at once, and again later", async () => {
  const work = new SharedWork<number, string>();
  let runs = 0;
  const gate = Promise.withResolvers<void>();
  const begin = async (_signal: AbortSignal, onProgress: (text: string) => void): Promise<number> => {
    runs++;
    await gate.promise;
    onProgress("half");
    return runs;
  };
  const seen: string[] = [];
  const listener = (text: string): void => void seen.push(text);
  const both = [1, 2].map(() => work.run("a", { signal: never, onProgress: listener }, begin));
  const other = work.run("b", { signal: never }, async () => 9);
  gate.resolve();
  expect(await Promise.all([...both, other])).toEqual([1, 1, 9]);
  expect(seen).toEqual(["half", "half"]);
  expect(await work.run("a", { signal: never }, begin)).toBe(2);
});

test("SharedWork goes on while one caller is left, and is stopped with the last", async () => {
  const work = new SharedWork<string, never>();
  let stopped = false;
  const begin = (signal: AbortSignal): Promise<string> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        stopped = true;
        reject(new Error("stopped"));
      });
    });
  const [first, second] = [new AbortController(), new AbortController()];
  const one = work.run("a", { signal: first.signal }, begin);
  const two = work.run("a", { signal: second.signal }, begin);
  first.abort(new Error("first gave up"));
  await expect(one).rejects.toThrow("first gave up");
  expect(stopped).toBe(false);
  second.abort(new Error("second gave up"));
  await expect(two).rejects.toThrow("second gave up");
  expect(stopped).toBe(true);
});

test("SharedWork passes a failure to every caller and then forgets it", async () => {
  const work = new SharedWork<string, never>();
  const fail = async (): Promise<string> => {
    throw new Error("broken");
  };
  const both = [1, 2].map(() => work.run("a", { signal: never }, fail));
  const outcomes = await Promise.allSettled(both);
  expect(outcomes.map((each) => each.status === "rejected" && String(each.reason))).toEqual([
    "Error: broken",
    "Error: broken",
  ]);
  expect(await work.run("a", { signal: never }, async () => "well")).toBe("well");
});
