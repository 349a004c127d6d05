import { expect, test } from "bun:test";
import type { V1Pod, V1PodSpec } from "../../../supervisor/api/generated/types.ts";
import { kernelHostname, podHostNames, podHostname } from "./pod-hostname.ts";

function pod(spec: Partial<V1PodSpec>, name = "web-0"): V1Pod {
  return { metadata: { name, namespace: "ns" }, spec: { containers: [], ...spec } };
}

test("podHostname is the Pod's name unless the spec has another, cut to a label", () => {
  expect(podHostname(pod({}))).toBe("web-0");
  expect(podHostname(pod({ hostname: "a" }))).toBe("a");
  expect(podHostname(pod({ hostname: "a", hostnameOverride: "b.c" }))).toBe("b.c");
  expect(podHostname(pod({}, `${"x".repeat(62)}-${"y".repeat(9)}`))).toBe("x".repeat(62));
});

test("kernelHostname is the whole name where that is asked for and fits, and the node's on its network", () => {
  const inDomain = pod({ subdomain: "sub" });
  expect(podHostNames(inDomain)).toEqual(["web-0.sub.ns.svc.cluster.local", "web-0"]);
  expect(kernelHostname(inDomain, "box")).toBe("web-0");
  expect(kernelHostname(pod({ subdomain: "sub", setHostnameAsFQDN: true }), "box")).toBe(
    "web-0.sub.ns.svc.cluster.local",
  );
  expect(kernelHostname(pod({ setHostnameAsFQDN: true }), "box")).toBe("web-0");
  expect(kernelHostname(pod({ hostNetwork: true }), "box")).toBe("box");
  const long = pod({ subdomain: "s".repeat(60), setHostnameAsFQDN: true });
  expect(() => kernelHostname(long, "box")).toThrow(
    "is too long (64 characters is the max, 87 characters requested)",
  );
});
