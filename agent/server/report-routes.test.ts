import { expect, test } from "bun:test";
import { duplexPair } from "node:stream";
import { text } from "node:stream/consumers";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import { serveHttp } from "../../supervisor/base/http/serve-http.ts";
import { eventually } from "../../test/framework/eventually.ts";
import { kubeletServer } from "./kubelet-server.ts";
import type { NodeReports } from "./node-reports.ts";
import type { PodStreams } from "./pod-streams.ts";
import { placeOf } from "./report-routes.ts";

const pod: V1Pod = { metadata: { namespace: "ns", name: "p" }, spec: { containers: [] } };
const streams: PodStreams = {
  pods: () => [pod],
  exec: () => Promise.reject(new Error("not running")),
  attach: () => Promise.reject(new Error("not running")),
  portForward: () => Promise.reject(new Error("not running")),
  connect: () => Promise.reject(new Error("not running")),
  logFile: () => undefined,
};
const counted: string[] = [];
const reports: NodeReports = {
  summary: async (only) => ({ node: { nodeName: only ? "little" : "all" } }),
  metrics: async (page) => `page_${page} 1\n`,
  configuration: () => ({ maxPods: 110 }),
  runningPods: () => [pod],
  showsCertificate: () => undefined,
  countRequest: (method, place) => void counted.push(`${method} ${place}`),
};

async function ask(path: string, method = "GET"): Promise<{ status: number; text: string }> {
  const { handler } = kubeletServer(streams, Date.now, reports);
  const request = new Request(`http://kubelet${path}`, { method });
  const { signal } = new AbortController();
  const response = await handler(request, { remoteAddress: "test", signal });
  return { status: response.status, text: await response.text() };
}

test("the kubelet server tells of its health", async () => {
  expect(await ask("/healthz")).toEqual({ status: 200, text: "ok" });
  expect(await ask("/healthz/syncloop")).toEqual({ status: 200, text: "ok" });
  const verbose = "[+]ping ok\n[+]log ok\n[+]syncloop ok\nhealthz check passed\n";
  expect((await ask("/healthz?verbose")).text).toBe(verbose);
});

test("the kubelet server tells of Pods, statistics, metrics and configuration", async () => {
  expect(JSON.parse((await ask("/pods")).text)).toMatchObject({ kind: "PodList", items: [pod] });
  expect(JSON.parse((await ask("/runningpods/")).text)).toMatchObject({ kind: "PodList", items: [pod] });
  expect(JSON.parse((await ask("/stats/summary")).text).node.nodeName).toBe("all");
  expect(JSON.parse((await ask("/stats/summary?only_cpu_and_memory=true")).text).node.nodeName).toBe(
    "little",
  );
  expect(JSON.parse((await ask("/configz")).text)).toEqual({ kubeletconfig: { maxPods: 110 } });
  expect((await ask("/metrics")).text).toBe("page_kubelet 1\n");
  expect((await ask("/metrics/resource")).text).toBe("page_resource 1\n");
  expect(counted).toContain("GET metrics/resource");
});

test("the kubelet server refuses what it does not do in the kubelet's words", async () => {
  expect(await ask("/pods", "POST")).toEqual({ status: 405, text: "Method Not Allowed" });
  expect(await ask("/logs/syslog")).toEqual({ status: 405, text: "logs endpoint is disabled.\n" });
  expect((await ask("/debug/pprof/heap")).status).toBe(405);
  expect(await ask("/nothing")).toEqual({ status: 404, text: "404: Page Not Found" });
  expect(await ask("/run/ns/q/web?cmd=ls", "POST")).toEqual({ status: 404, text: "pod does not exist" });
});

test("the kubelet server counts a connection that was taken over when it ends", async () => {
  const [client, stream] = duplexPair();
  void serveHttp(stream, kubeletServer(streams, Date.now, reports), { remoteAddress: "test" });
  client.write(
    "POST /exec/ns/gone/web?command=ls&output=1 HTTP/1.1\r\nHost: k\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n",
  );
  expect(await text(client)).toStartWith("HTTP/1.1 404");
  client.destroy();
  await eventually("the request is counted", 5000, () => counted.includes("POST exec"));
});

test("placeOf names a request as the metrics do", () => {
  expect(placeOf("/containerLogs/ns/p/c")).toBe("containerLogs");
  expect(placeOf("/metrics/cadvisor")).toBe("metrics/cadvisor");
  expect(placeOf("/metrics/else")).toBe("other");
  expect(placeOf("/")).toBe("other");
});
