/** Probes: what they restart, what they leave alone, and what they make ready. */
import { expect } from "bun:test";
import type {
  V1Container,
  V1ContainerStatus,
  V1Pod,
  V1Probe,
} from "../../../supervisor/api/generated/types.ts";
import { MachineCluster, useMachines } from "../support/machine-cluster.ts";
import { PodSeries } from "../support/pod-series.ts";

const machines = useMachines(import.meta.path);
const series = new PodSeries(machines);
const { image } = MachineCluster;
const pod = "probed";

/** So long is a container watched that is to be left alone: many periods of its probe. */
const watchedMs = 8000;

const pages = "mkdir /tmp/www; touch /tmp/www/healthz; httpd -f -p 8080 -h /tmp/www";

/** Answers every connection as a gRPC server whose health is SERVING: the frames of HTTP/2 as they are. */
const health = [
  "head -c 100 >/dev/null",
  // SETTINGS and the answer to the client's.
  "printf '\\000\\000\\000\\004\\000\\000\\000\\000\\000\\000\\000\\000\\004\\001\\000\\000\\000\\000'",
  // HEADERS of stream 1: status 200 and the type.
  "printf '\\000\\000\\040\\001\\004\\000\\000\\000\\001\\210\\000\\014content-type\\020application/grpc'",
  // DATA: a message of two bytes, field 1 is 1.
  "printf '\\000\\000\\007\\000\\000\\000\\000\\000\\001\\000\\000\\000\\000\\002\\010\\001'",
  // HEADERS that end it: grpc-status is 0.
  "printf '\\000\\000\\017\\001\\005\\000\\000\\000\\001\\000\\013grpc-status\\0010'",
  "cat >/dev/null",
].join("; ");

const fast = { periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 5 };

function create(namespace: string, script: string, probes: Partial<V1Container>): Promise<V1Pod> {
  return machines.create(namespace, pod, {
    containers: [{ name: "main", image, command: ["sh", "-c", script], ...probes }],
  });
}

function status({ status: is }: V1Pod): Partial<V1ContainerStatus> {
  return is?.containerStatuses?.[0] ?? {};
}

async function restarted(namespace: string, times: number): Promise<void> {
  let last = 0;
  await machines.until(namespace, pod, `was restarted ${times} times`, (is) => {
    const { restartCount = 0 } = status(is);
    expect(restartCount).toBeGreaterThanOrEqual(last);
    last = restartCount;
    return restartCount >= times;
  });
}

/** Waits until the Pod has been ready for a while; it must have been left alone. */
async function leftAlone(namespace: string): Promise<void> {
  await machines.until(namespace, pod, "has been ready for a while", (seen) => {
    const { ready, restartCount = 0 } = status(seen);
    expect(restartCount).toBe(0);
    const since = seen.status?.conditions?.find(({ type }) => type === "Ready")?.lastTransitionTime ?? "";
    return ready === true && Date.now() - Date.parse(since ?? "") > watchedMs;
  });
}

function restartTest(name: string, script: string, livenessProbe: V1Probe): void {
  series.conformanceTest(
    name,
    (namespace) =>
      create(namespace, script, { livenessProbe: { ...fast, initialDelaySeconds: 1, ...livenessProbe } }),
    (namespace) => restarted(namespace, 1),
  );
}

function leaveTest(name: string, script: string, livenessProbe: V1Probe): void {
  series.conformanceTest(
    name,
    (namespace) => {
      // On a busy machine neither the start nor an answer that comes late is a failure of the container's.
      const probe = { ...fast, timeoutSeconds: 60, ...livenessProbe };
      const startupProbe = { ...probe, failureThreshold: 600 };
      return create(namespace, script, { startupProbe, livenessProbe: probe });
    },
    leftAlone,
  );
}

const cat = { exec: { command: ["cat", "/tmp/health"] } };

leaveTest(
  "[sig-node] Probing container should *not* be restarted with a /healthz http liveness probe [NodeConformance] [Conformance]",
  pages,
  { httpGet: { path: "/healthz", port: 8080 } },
);
leaveTest(
  "[sig-node] Probing container should *not* be restarted with a GRPC liveness probe [NodeConformance] [Conformance]",
  `nc -ll -p 5000 -e sh -c "${health}"`,
  { grpc: { port: 5000 } },
);
leaveTest(
  '[sig-node] Probing container should *not* be restarted with a exec "cat /tmp/health" liveness probe [NodeConformance] [Conformance]',
  "echo ok >/tmp/health; sleep 600",
  cat,
);
leaveTest(
  "[sig-node] Probing container should *not* be restarted with a tcp:8080 liveness probe [NodeConformance] [Conformance]",
  "nc -ll -p 8080 -e cat",
  { tcpSocket: { port: 8080 } },
);

restartTest(
  "[sig-node] Probing container should be restarted with a /healthz http liveness probe [NodeConformance] [Conformance]",
  `(sleep 4; rm /tmp/www/healthz) & ${pages}`,
  {
    httpGet: { path: "/healthz", port: 8080 },
  },
);
restartTest(
  "[sig-node] Probing container should be restarted with a GRPC liveness probe [NodeConformance] [Conformance]",
  `nc -ll -p 5000 -e sh -c "${health}"`,
  { grpc: { port: 2333 } },
);
restartTest(
  '[sig-node] Probing container should be restarted with a exec "cat /tmp/health" liveness probe [NodeConformance] [Conformance]',
  "echo ok >/tmp/health; sleep 4; rm /tmp/health; sleep 600",
  cat,
);

series.conformanceTest(
  "[sig-node] Probing container should have monotonically increasing restart count [NodeConformance] [Conformance]",
  (namespace) => {
    const livenessProbe = { ...fast, initialDelaySeconds: 1, httpGet: { path: "/healthz", port: 8080 } };
    return create(namespace, pages.replace("healthz", "other"), { livenessProbe });
  },
  (namespace) => restarted(namespace, 3),
);

series.conformanceTest(
  "[sig-node] Probing container with readiness probe should not be ready before initial delay and never restart [NodeConformance] [Conformance]",
  (namespace) => {
    const readinessProbe = { ...fast, initialDelaySeconds: 6, httpGet: { path: "/healthz", port: 8080 } };
    return create(namespace, pages, { readinessProbe });
  },
  async (namespace) => {
    const is = await machines.ready(namespace, pod);
    const { startedAt = "" } = status(is).state?.running ?? {};
    const ready = is.status?.conditions?.find(({ type }) => type === "Ready")?.lastTransitionTime ?? "";
    expect(Date.parse(ready ?? "") - Date.parse(startedAt ?? "")).toBeGreaterThanOrEqual(6000);
    expect(status(is).restartCount).toBe(0);
  },
);

series.conformanceTest(
  "[sig-node] Probing container with readiness probe that fails should never be ready and never restart [NodeConformance] [Conformance]",
  (namespace) => {
    const readinessProbe = { ...fast, httpGet: { path: "/none", port: 8080 } };
    return create(namespace, pages, { readinessProbe });
  },
  async (namespace) => {
    const is = await machines.until(namespace, pod, "has run for a while", (seen) => {
      const { startedAt } = status(seen).state?.running ?? {};
      expect(status(seen).ready ?? false).toBe(false);
      return Boolean(startedAt) && Date.now() - Date.parse(startedAt ?? "") > watchedMs;
    });
    expect(status(is)).toMatchObject({ restartCount: 0, ready: false, started: true });
  },
);
