/** The kubelet API: what a supervisor, or any Kubernetes control plane, asks of a node. */
import { Hono } from "hono";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import type { ConnectionInfo } from "../../supervisor/base/http/connection-info.ts";
import { fixedResponse } from "../../supervisor/base/http/fixed-response.ts";
import type { HttpHandler, UpgradeHook } from "../../supervisor/base/http/http-options.ts";
import { findContainer, findPod, KubeletError } from "./container-path.ts";
import { chooseLog, NoLogError } from "./logs/choose-log.ts";
import { LogOptionsError, readLogOptions } from "./logs/log-options.ts";
import { logResponse } from "./logs/log-response.ts";
import type { PodStreams } from "./pod-streams.ts";
import { streamUpgrades } from "./stream-upgrades.ts";

export interface KubeletServer {
  readonly handler: HttpHandler;
  readonly upgrade: UpgradeHook;
}

/** The handlers for `serveHttp` or `listenTls`. Whoever may connect may do everything: check that before. */
export function kubeletServer(streams: PodStreams, now: () => number): KubeletServer {
  const app = new Hono<{ Bindings: ConnectionInfo }>();
  app.get("/healthz", (context) => context.text("ok"));
  app.get("/pods", () => podList(streams.pods()));
  app.get("/containerLogs/:namespace/:pod/:container", ({ req, env }) => {
    const { namespace, pod, container } = req.param();
    const query = new URL(req.url).searchParams;
    return containerLog(streams, { namespace, pod, container }, query, { nowMs: now(), signal: env.signal });
  });
  for (const path of ["/exec/*", "/attach/*", "/portForward/*"]) {
    app.all(path, () => {
      throw new KubeletError(400, "unable to upgrade: missing upgrade headers in request");
    });
  }
  app.onError((error) => {
    const isBadRequest = error instanceof NoLogError || error instanceof LogOptionsError;
    const status = error instanceof KubeletError ? error.status : isBadRequest ? 400 : 500;
    return new Response(error.message, { status, headers: { "content-type": "text/plain" } });
  });
  return {
    handler: (request, connection) => app.fetch(request, connection),
    upgrade: streamUpgrades(streams),
  };
}

function podList(pods: readonly V1Pod[]): Response {
  const list = { kind: "PodList", apiVersion: "v1", metadata: {}, items: pods };
  return fixedResponse(JSON.stringify(list), { headers: { "content-type": "application/json" } });
}

function containerLog(
  streams: PodStreams,
  reference: { readonly namespace: string; readonly pod: string; readonly container: string },
  query: URLSearchParams,
  at: { readonly nowMs: number; readonly signal: AbortSignal },
): Response {
  const { namespace, container } = reference;
  const options = readLogOptions(query, at.nowMs);
  const pod = findPod(streams, namespace, reference.pod);
  if (pod === undefined) throw new KubeletError(404, `pod ${JSON.stringify(reference.pod)} does not exist`);
  if (findContainer(pod, container) === undefined) {
    const subject = `container ${JSON.stringify(container)} not found in pod ${JSON.stringify(reference.pod)}`;
    throw new KubeletError(404, subject);
  }
  const log = streams.logFile(chooseLog(pod, container, options.previous));
  if (log === undefined) {
    throw new NoLogError(
      `the log of container ${JSON.stringify(container)} in pod ${JSON.stringify(reference.pod)} is gone`,
    );
  }
  return logResponse(log, options, at.signal);
}
