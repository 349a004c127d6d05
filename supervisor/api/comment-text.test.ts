import { expect, test } from "bun:test";
import { commentText } from "./comment-text.ts";

test("commentText joins lines and keeps paragraphs and examples", () => {
  const lines = [
    " One sentence",
    " goes on.",
    "",
    "",
    " For example:",
    "   a: b",
    " TODO: more",
    " +optional",
    " End.",
  ];
  expect(commentText(lines)).toBe("One sentence goes on.\n\nFor example:\n  a: b\nEnd.");
  expect(commentText([" Told.", " ---", " Not told."])).toBe("Told.");
  expect(commentText(["go:build linux", " +optional"])).toBe("");
});
