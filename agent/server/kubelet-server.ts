/** The kubelet API: what a supervisor, or any Kubernetes control plane, asks of a node. */
import type { Readable } from "node:stream";
import { Hono } from "hono";
import type { ConnectionInfo } from "../../supervisor/base/http/connection-info.ts";
import type { HttpHandler, UpgradeHook } from "../../supervisor/base/http/http-options.ts";
import { findContainer, findPod, KubeletError } from "./container-path.ts";
import { chooseLog, NoLogError } from "./logs/choose-log.ts";
import { LogOptionsError, readLogOptions } from "./logs/log-options.ts";
import { logResponse } from "./logs/log-response.ts";
import type { NodeReports } from "./node-reports.ts";
import type { ContainerReference, PodStreams } from "./pod-streams.ts";
import { addPodRoutes, addReportRoutes, placeOf } from "./report-routes.ts";
import { snapshotResponse } from "./snapshot-response.ts";
import { streamUpgrades } from "./stream-upgrades.ts";
import type { VolumeSnapshots } from "./volume-snapshots.ts";

export interface KubeletServer {
  readonly handler: HttpHandler;
  readonly upgrade: UpgradeHook;
}

/**
 * The handlers for `serveHttp` or `listenTls`. Whoever may connect may do everything: check that before. Without
 * `reports` it tells of Pods alone, and without `snapshots` takes none.
 */
export function kubeletServer(
  streams: PodStreams,
  now: () => number,
  reports?: NodeReports,
  snapshots?: VolumeSnapshots,
): KubeletServer {
  const app = new Hono<{ Bindings: ConnectionInfo }>();
  addPodRoutes(app, streams);
  if (reports) addReportRoutes(app, reports);
  app.get("/containerLogs/:namespace/:pod/:container", ({ req, env }) => {
    const { namespace, pod, container } = req.param();
    const query = new URL(req.url).searchParams;
    return containerLog(streams, { namespace, pod, container }, query, { nowMs: now(), signal: env.signal });
  });
  app.post("/run/:namespace/:pod/:container", ({ req }) =>
    runCommand(streams, req.param(), req.query("cmd") ?? ""),
  );
  app.post("/run/:namespace/:pod/:uid/:container", ({ req }) =>
    runCommand(streams, req.param(), req.query("cmd") ?? ""),
  );
  if (snapshots) {
    app.post("/snapshot/:namespace/:pod/:volume", ({ req, env }) =>
      snapshotResponse(snapshots, req.param(), { now, signal: env.signal }),
    );
  }
  for (const path of ["/exec/*", "/attach/*", "/portForward/*"]) {
    app.all(path, () => {
      throw new KubeletError(400, "unable to upgrade: missing upgrade headers in request");
    });
  }
  app.notFound(() => plainText("404: Page Not Found", 404));
  app.onError((error) => {
    if (error instanceof KubeletError || error instanceof LogOptionsError) {
      return plainText(error.message, error.status);
    }
    return plainText(error.message, error instanceof NoLogError ? 400 : 500);
  });
  return {
    handler: counted(app, now, reports),
    upgrade: countedUpgrade(streamUpgrades(streams), now, reports),
  };
}

/** Tells the reports of each request when its answer is there. */
function counted(
  app: Hono<{ Bindings: ConnectionInfo }>,
  now: () => number,
  reports: NodeReports | undefined,
): HttpHandler {
  return async (request, connection) => {
    const startedAtMs = now();
    const response = await app.fetch(request, connection);
    reports?.countRequest(request.method, placeOf(new URL(request.url).pathname), now() - startedAtMs);
    return response;
  };
}

/** Tells the reports of each request that took its connection over, when that has ended. */
function countedUpgrade(
  upgrade: UpgradeHook,
  now: () => number,
  reports: NodeReports | undefined,
): UpgradeHook {
  return (head, connection) => {
    const takeOver = upgrade(head, connection);
    if (takeOver === undefined) return undefined;
    return (stream) => {
      const startedAtMs = now();
      const place = placeOf(new URL(head.target, "http://kubelet").pathname);
      stream.once("close", () => reports?.countRequest(head.method, place, now() - startedAtMs));
      takeOver(stream);
    };
  };
}

function plainText(text: string, status: number): Response {
  return new Response(text, { status, headers: { "content-type": "text/plain" } });
}

/** What a command prints, standard error too (kubelet `RunInContainer`). */
async function runCommand(
  streams: PodStreams,
  reference: ContainerReference,
  commandLine: string,
): Promise<Response> {
  if (!findPod(streams, reference.namespace, reference.pod))
    throw new KubeletError(404, "pod does not exist");
  const command = commandLine.split(" ");
  const session = await streams.exec(reference, {
    command,
    tty: false,
    stdin: false,
    stdout: true,
    stderr: true,
  });
  const read = async (stream: Readable | undefined): Promise<Buffer[]> =>
    stream ? await stream.toArray() : [];
  try {
    const [stdout, stderr, { exitCode }] = await Promise.all([
      read(session.stdout),
      read(session.stderr),
      session.exit,
    ]);
    const output = Buffer.concat([...stdout, ...stderr]).toString("utf8");
    if (exitCode !== 0)
      throw new KubeletError(500, `command '${commandLine}' exited with ${exitCode}: ${output}`);
    return plainText(output, 200);
  } finally {
    session.close();
  }
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
