/** The paths that tell of the node: health, Pods, statistics, metrics, configuration (kubelet `pkg/kubelet/server`). */
import type { Hono } from "hono";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import type { ConnectionInfo } from "../../supervisor/base/http/connection-info.ts";
import { fixedResponse } from "../../supervisor/base/http/fixed-response.ts";
import { metricsMediaType } from "../../supervisor/base/metrics/metrics-registry.ts";
import type { MetricsPage, NodeReports } from "./node-reports.ts";
import type { PodStreams } from "./pod-streams.ts";

type Application = Hono<{ Bindings: ConnectionInfo }>;

const healthChecks = ["ping", "log", "syncloop"];

const metricsPages: Readonly<Record<string, MetricsPage>> = {
  "/metrics": "kubelet",
  "/metrics/cadvisor": "cadvisor",
  "/metrics/probes": "probes",
  "/metrics/resource": "resource",
};

/** Debug handlers that a kubelet has and that mean nothing here. */
const disabledPaths: Readonly<Record<string, string>> = {
  "/debug/pprof/*": "profiling endpoint is disabled.",
  "/debug/flags/v": "flags endpoint is disabled.",
  "/logs/*": "logs endpoint is disabled.",
};

/** Adds what can be told without reports: whether the server answers, and its Pods. */
export function addPodRoutes(app: Application, streams: PodStreams): void {
  app.get("/healthz", ({ req }) => plainText(healthText(req.query("verbose") !== undefined)));
  for (const check of healthChecks) app.get(`/healthz/${check}`, () => plainText("ok"));
  getOnly(app, "/pods", () => podList(streams.pods()));
  getOnly(app, "/pods/", () => podList(streams.pods()));
}

/** Adds statistics, metrics and configuration. */
export function addReportRoutes(app: Application, reports: NodeReports): void {
  app.on(["GET", "POST"], "/stats/summary", async ({ req }) =>
    json(await reports.summary(req.query("only_cpu_and_memory") === "true")),
  );
  for (const [path, page] of Object.entries(metricsPages)) {
    app.get(path, async () =>
      fixedResponse(await reports.metrics(page), { headers: { "content-type": metricsMediaType } }),
    );
  }
  app.get("/configz", () => json({ kubeletconfig: reports.configuration() }));
  getOnly(app, "/runningpods/", () => podList(reports.runningPods()));
  for (const [path, text] of Object.entries(disabledPaths)) {
    app.all(path, () => plainText(`${text}\n`, 405));
  }
}

/** What a request is counted under: the first part of its path, of metrics the second too. */
export function placeOf(path: string): string {
  const [first = "", second = ""] = path.slice(1).split("/", 2);
  const place = first === "metrics" && second !== "" ? `${first}/${second}` : first;
  return places.has(place) ? place : "other";
}

const places = new Set([
  ...["healthz", "pods", "stats", "metrics", "metrics/cadvisor", "metrics/probes", "metrics/resource"],
  ...[
    "run",
    "exec",
    "attach",
    "portForward",
    "containerLogs",
    "configz",
    "runningpods",
    "logs",
    "debug",
    "snapshot",
  ],
]);

function healthText(verbose: boolean): string {
  if (!verbose) return "ok";
  return `${healthChecks.map((name) => `[+]${name} ok\n`).join("")}healthz check passed\n`;
}

function getOnly(app: Application, path: string, answer: () => Response): void {
  app.get(path, answer);
  app.all(path, () => plainText("Method Not Allowed", 405, { allow: "GET" }));
}

function podList(pods: readonly V1Pod[]): Response {
  return json({ kind: "PodList", apiVersion: "v1", metadata: {}, items: pods });
}

function json(document: object): Response {
  return fixedResponse(JSON.stringify(document), { headers: { "content-type": "application/json" } });
}

function plainText(text: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return fixedResponse(text, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}
