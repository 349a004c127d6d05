import { expect, test } from "bun:test";
import { versionInfoOf } from "./version.ts";

test("a build tells its commit, the commit's date and whether it is all of it", () => {
  expect(versionInfoOf("8d44ea451defe6de 2026-11-23T16:59:51Z dirty")).toMatchObject({
    major: "1",
    minor: "36",
    minCompatibilityMinor: "35",
    gitCommit: "8d44ea451defe6de",
    gitTreeState: "dirty",
    buildDate: "2026-11-23T16:59:51Z",
  });
  const unknown = { gitCommit: "", gitTreeState: "", buildDate: "1970-01-01T00:00:00Z" };
  expect(versionInfoOf("")).toMatchObject(unknown);
});
