import { expect, test } from "bun:test";
import { mountSubPath } from "./mount-sub-path.ts";

const environment = new Map([
  ["NAME", "web-0"],
  ["UP", "../x"],
  ["ROOT", "/tmp"],
  ["EMPTY", ""],
]);
const of = (mount: { subPath?: string; subPathExpr?: string }): string =>
  mountSubPath({ name: "v", mountPath: "/v", ...mount }, environment);

test("a sub path is as it stands, or made of variables", () => {
  expect(of({})).toBe("");
  expect(of({ subPath: "a/$(NAME)" })).toBe("a/$(NAME)");
  expect(of({ subPathExpr: "logs/$(NAME)/$$(NAME)" })).toBe("logs/web-0/$(NAME)");
});

test("a sub path that may lead elsewhere is refused in the kubelet's words", () => {
  expect(() => of({ subPath: "a/../../b" })).toThrow(
    "unable to provision SubPath `a/../../b`: must not contain '..'",
  );
  expect(() => of({ subPathExpr: "$(UP)" })).toThrow(
    "unable to provision SubPath `../x`: must not contain '..'",
  );
  expect(() => of({ subPathExpr: "$(ROOT)" })).toThrow("error SubPath `/tmp` must not be an absolute path");
  expect(() => of({ subPathExpr: "$(NONE)/$(EMPTY)" })).toThrow("missing value for EMPTY, NONE");
});
