import { expect, test } from "bun:test";
import { userHeaders } from "./user-headers.ts";

test("userHeaders says all of a user, and escapes what no header's name may have", () => {
  const extra = { "example.com/Scopes": ["a", "b"], "é%": ["c"] };
  expect(userHeaders({ name: "jané", uid: "1", groups: ["x", "y"], extra })).toEqual([
    ["X-Remote-User", Buffer.from("jané").toString("latin1")],
    ["X-Remote-Uid", "1"],
    ["X-Remote-Group", "x"],
    ["X-Remote-Group", "y"],
    ["X-Remote-Extra-example.com%2FScopes", "a"],
    ["X-Remote-Extra-example.com%2FScopes", "b"],
    ["X-Remote-Extra-%C3%A9%25", "c"],
  ]);
});

test("userHeaders refuses what would end a header's line", () => {
  expect(() => userHeaders({ name: "a", groups: ["b\nX-Remote-User: root"] })).toThrow(
    'net/http: invalid header field value for "X-Remote-Group"',
  );
});
