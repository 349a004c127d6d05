import { expect, test } from "bun:test";
import { parseChallenges } from "./challenge.ts";

test.each([
  [
    'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
    [
      {
        scheme: "bearer",
        parameters: {
          realm: "https://auth.example/token",
          service: "registry.example",
          scope: "repository:a/b:pull,push",
        },
      },
    ],
  ],
  ['Basic realm="a \\"quoted\\" one"', [{ scheme: "basic", parameters: { realm: 'a "quoted" one' } }]],
  [
    'BASIC realm=plain, Bearer realm="r" , service=s',
    [
      { scheme: "basic", parameters: { realm: "plain" } },
      { scheme: "bearer", parameters: { realm: "r", service: "s" } },
    ],
  ],
  ["", []],
  ['realm="without a scheme"', []],
])("parseChallenges reads %s", (header, challenges) => {
  expect(parseChallenges(header)).toEqual(challenges);
});
