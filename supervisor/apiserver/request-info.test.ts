import { expect, test } from "bun:test";
import { requestInfo } from "./request-info.ts";

function info(method: string, path: string) {
  const { query: _query, path: _path, ...rest } = requestInfo(method, `https://host:6443${path}`);
  return rest;
}

test("requestInfo reads resources in and out of namespaces", () => {
  expect(info("GET", "/api/v1/namespaces/default/pods/web/log")).toEqual({
    isResource: true,
    group: "",
    version: "v1",
    namespace: "default",
    resource: "pods",
    name: "web",
    subresource: "log",
    rest: "",
    verb: "get",
  });
  expect(info("POST", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases")).toMatchObject({
    group: "coordination.k8s.io",
    namespace: "kube-node-lease",
    resource: "leases",
    verb: "create",
    name: "",
  });
  expect(info("DELETE", "/api/v1/nodes")).toMatchObject({ resource: "nodes", verb: "deletecollection" });
});

test("requestInfo takes a namespace for a resource of its own", () => {
  const name = { resource: "namespaces", name: "a", namespace: "a" };
  expect(info("GET", "/api/v1/namespaces/a")).toMatchObject({ ...name, subresource: "" });
  expect(info("PUT", "/api/v1/namespaces/a/finalize")).toMatchObject({ ...name, subresource: "finalize" });
  expect(info("GET", "/api/v1/namespaces")).toMatchObject({ resource: "namespaces", verb: "list" });
});

test("requestInfo tells watches, old and new, and the name that a selector pins", () => {
  expect(info("GET", "/api/v1/pods?watch=true")).toMatchObject({ verb: "watch" });
  expect(info("GET", "/api/v1/pods?watch=false")).toMatchObject({ verb: "list" });
  expect(info("GET", "/api/v1/watch/namespaces/a/pods")).toMatchObject({ verb: "watch", namespace: "a" });
  expect(info("GET", "/api/v1/pods?fieldSelector=metadata.name%3Dweb")).toMatchObject({ name: "web" });
});

test("requestInfo leaves other paths as they are", () => {
  for (const path of ["/", "/version", "/api", "/api/v1", "/apis/coordination.k8s.io/v1", "/api/v1/"]) {
    expect(info("GET", path)).toEqual({ isResource: false, verb: "get" });
  }
});
