import { expect, test } from "bun:test";
import { formatJoinToken, generateJoinToken, parseJoinToken } from "./join-token.ts";

const hash = "0123456789abcdef".repeat(4);

test("a generated token is read back", () => {
  const token = generateJoinToken(hash);
  expect(token.id).toMatch(/^[a-z0-9]{6}$/);
  expect(token.secret).toMatch(/^[a-z0-9]{16}$/);
  expect(parseJoinToken(` ${formatJoinToken(token)}\n`)).toEqual(token);
});

test("parseJoinToken refuses another shape, naming what was expected and never the secret", () => {
  const texts = [
    "",
    "abc",
    `abcdef.0123456789abcdef.${hash}0`,
    "abcdef.0123456789abcdef",
    "ABCDEF.0123456789abcdef",
  ];
  for (const text of texts)
    expect(() => parseJoinToken(text)).toThrow("is malformed: expected <6 characters>");
  expect(() => parseJoinToken("abcdef.0123456789abcdef")).toThrow(/^Join token abcdef is malformed/);
});
