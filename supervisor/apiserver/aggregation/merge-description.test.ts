import { expect, test } from "bun:test";
import { mergeDescription } from "./merge-description.ts";

const get = (name: string) => ({
  get: { responses: { 200: { schema: { $ref: `#/definitions/${name}` } } } },
});

test("mergeDescription adds the paths below a root with what they refer to, and renames what is another thing", () => {
  const base = {
    swagger: "2.0",
    paths: { "/api/v1/pods": get("Pod") },
    definitions: { Pod: { type: "object" }, Meta: { type: "string" }, Time: { type: "string" } },
    parameters: {},
  };
  const other = {
    paths: {
      "/apis/g/v1/things": get("Thing"),
      "/apis/g/v2/things": get("Other"),
      "/api/v1/pods": get("Other"),
    },
    definitions: {
      Thing: { properties: { meta: { $ref: "#/definitions/Meta" }, at: { $ref: "#/definitions/Time" } } },
      Meta: { type: "object" },
      Time: { type: "string" },
      Other: { type: "object" },
    },
  };
  expect(mergeDescription(base, other, "/apis/g/v1/")).toEqual({
    swagger: "2.0",
    paths: { "/api/v1/pods": get("Pod"), "/apis/g/v1/things": get("Thing") },
    definitions: {
      Pod: { type: "object" },
      Meta: { type: "string" },
      Time: { type: "string" },
      Thing: { properties: { meta: { $ref: "#/definitions/Meta_v2" }, at: { $ref: "#/definitions/Time" } } },
      Meta_v2: { type: "object" },
    },
    parameters: {},
  });
});

test("mergeDescription keeps one thing of several kinds once, with all of its kinds", () => {
  const kinds = "x-kubernetes-group-version-kind";
  const status = (group: string) => ({ type: "object", [kinds]: [{ group, version: "v1", kind: "Status" }] });
  const base = { paths: {}, definitions: { Status: status("") } };
  const other = { paths: { "/apis/g/v1/things": get("Status") }, definitions: { Status: status("g") } };
  const { definitions } = mergeDescription(base, other, "/apis/g/v1/");
  expect(definitions).toEqual({
    Status: {
      type: "object",
      [kinds]: [
        { group: "", version: "v1", kind: "Status" },
        { group: "g", version: "v1", kind: "Status" },
      ],
    },
  });
});
