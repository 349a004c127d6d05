import { expect, test } from "bun:test";
import type { V1Pod } from "../../api/generated/types.ts";
import { checkLogOptions } from "./log-options.ts";
import { attachLocation, execLocation, logLocation, portForwardLocation } from "./pod-location.ts";

function pod(containers: readonly string[], more: Partial<V1Pod["spec"]> = {}): V1Pod {
  return {
    metadata: { namespace: "ns", name: "web" },
    spec: { containers: containers.map((name) => ({ name })), nodeName: "node-1", ...more },
  };
}

function query(text: string): URLSearchParams {
  return new URLSearchParams(text);
}

test("exec goes to the kubelet's path with its names for the streams", () => {
  const location = execLocation(
    pod(["app"]),
    query("command=sh&command=-c&command=a%20b&stdin=true&stdout=1&tty=false"),
  );
  expect(location).toEqual({
    nodeName: "node-1",
    target: "/exec/ns/web/app?input=1&output=1&command=sh&command=-c&command=a+b",
  });
});

test("attach takes an ephemeral container too", () => {
  const target = pod(["app"], { ephemeralContainers: [{ name: "debug" }] });
  expect(attachLocation(target, query("container=debug&stdout=true&stderr=true")).target).toBe(
    "/attach/ns/web/debug?output=1&error=1",
  );
});

test("port-forward names the Pod alone, and ports where the client gave them", () => {
  expect(portForwardLocation(pod(["a", "b"]), query("")).target).toBe("/portForward/ns/web");
  expect(portForwardLocation(pod(["a"]), query("ports=80,81&ports=82")).target).toBe(
    "/portForward/ns/web?port=80&port=81&port=82",
  );
});

test("log passes on what the kubelet knows", () => {
  expect(
    logLocation(pod(["app"]), query("follow=true&tailLines=5&pretty=true&insecureSkipTLSVerifyBackend=true")),
  ).toEqual({
    nodeName: "node-1",
    target: "/containerLogs/ns/web/app?follow=true&tailLines=5",
  });
});

test("the log of a Pod without a node is empty, its streams are refused", () => {
  const unbound = pod(["app"], { nodeName: "" });
  expect(logLocation(unbound, query(""))).toBeUndefined();
  expect(() => execLocation(unbound, query(""))).toThrow("pod web does not have a host assigned");
  expect(() => portForwardLocation(unbound, query(""))).toThrow("pod web does not have a host assigned");
});

test("the container must be one of the Pod's, and named where there are several", () => {
  expect(() => execLocation(pod(["app"]), query("container=x"))).toThrow(
    "container x is not valid for pod web",
  );
  expect(() => execLocation(pod(["a", "b"]), query(""))).toThrow(
    "a container name must be specified for pod web, choose one of: [a b]",
  );
  expect(() => execLocation(pod(["a", "b"], { initContainers: [{ name: "i" }] }), query(""))).toThrow(
    "a container name must be specified for pod web, choose one of: [a b] or one of the init containers: [i]",
  );
});

test.each([
  [
    "tailLines=-1",
    'PodLogOptions "web" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
  ],
  ["limitBytes=0", 'PodLogOptions "web" is invalid: limitBytes: Invalid value: 0: must be greater than 0'],
  [
    "sinceSeconds=0",
    'PodLogOptions "web" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0',
  ],
  ["tailLines=x", 'strconv.ParseInt: parsing "x": invalid syntax'],
])("the log options %s are refused", (text, message) => {
  expect(() => checkLogOptions("web", query(text))).toThrow(message);
});
