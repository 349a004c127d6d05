import { expect, test } from "bun:test";
import { EnvFileError, parseEnvFile } from "./env-file.ts";

test("parseEnvFile reads values as they stand between their quotes", () => {
  const text = [
    "# a comment",
    "",
    "ADDRESS='192.0.2.1'",
    "  SPACED = 'a # \"b\" $C \\n'  ",
    "MULTI='one",
    " two'",
    "EMPTY=''",
    "ADDRESS='192.0.2.2'",
  ].join("\n");
  expect(Object.fromEntries(parseEnvFile(text))).toEqual({
    ADDRESS: "192.0.2.2",
    SPACED: 'a # "b" $C \\n',
    MULTI: "one\n two",
    EMPTY: "",
  });
  expect(parseEnvFile("").size).toBe(0);
});

test("parseEnvFile refuses what is not quoted so, and says where", () => {
  for (const wrong of ["A=b", 'A="b"', "A='b''c'", "A='b'$C", "A='b", "='b'", "A"]) {
    expect(() => parseEnvFile(`# first\n${wrong}`)).toThrow(
      new EnvFileError("line 2: expected NAME='value'"),
    );
  }
});
