import { expect, test } from "bun:test";
import { ApiError, isConflict, isGone, isNotFound } from "./errors.ts";

test("ApiError carries the message, code and reason of its Status", () => {
  const error = new ApiError({ code: 404, reason: "NotFound", message: 'pods "a" not found' });
  expect(error.message).toBe('pods "a" not found');
  expect(error.code).toBe(404);
  expect(isNotFound(error)).toBe(true);
  expect(isConflict(error)).toBe(false);
});

test("isGone takes both words for a compacted revision", () => {
  expect(isGone(new ApiError({ code: 410, reason: "Gone" }))).toBe(true);
  expect(isGone(new ApiError({ code: 410, reason: "Expired" }))).toBe(true);
  expect(isGone(new Error("Expired"))).toBe(false);
});
