import type { ClientHttp2Session } from "node:http2";
import type { Duplex } from "node:stream";
import { asError, messageOf } from "../../../supervisor/base/errors.ts";
import { hostAndPort, type PodDialer, type PodTarget, targetHost } from "../pod-access/pod-dialer.ts";
import { healthCheckRequest, healthCheckStatus } from "./grpc-message.ts";
import { deadlineExceeded, failure, type ProbeOutcome } from "./probe-outcome.ts";

/** The statuses of gRPC that are told apart here; others go by their number. */
const unimplemented = 12;
const statusNames = [
  ...["OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists"],
  ...["PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange"],
  ...["Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated"],
];

interface HealthAnswer {
  readonly status: number;
  readonly message: string;
  readonly body: Buffer;
}

/** Asks a server for its health by gRPC (kubelet `probe/grpc`). Anything but SERVING is a failure. */
export async function grpcProbe(
  target: PodTarget,
  service: string,
  dial: PodDialer,
  timeoutSeconds: number,
  userAgent: string,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const address = hostAndPort(targetHost(target), target.port);
  const limit = `${timeoutSeconds}s`;
  let connection: Duplex;
  try {
    connection = await dial(target, signal);
  } catch (error) {
    if (!signal.aborted)
      return failure(`error: failed to connect service at "${address}": ${messageOf(error)}`);
    return failure(`timeout: failed to connect service "${address}" within ${limit}: ${deadlineExceeded}`);
  }
  try {
    const answer = await healthCheck(connection, address, service, userAgent, signal);
    return outcomeOf(answer);
  } catch (error) {
    if (signal.aborted) return failure(`timeout: health rpc did not complete within ${limit}`);
    return failure(`error: health rpc probe failed: ${messageOf(error)}`);
  } finally {
    connection.destroy();
  }
}

function outcomeOf({ status, message, body }: HealthAnswer): ProbeOutcome {
  if (status === unimplemented) {
    const protocol = "the grpc health protocol (grpc.health.v1.Health)";
    return failure(`error: this server does not implement ${protocol}: ${message}`);
  }
  if (status !== 0) {
    const name = statusNames[status] ?? `Code(${status})`;
    return failure(`error: health rpc probe failed: rpc error: code = ${name} desc = ${message}`);
  }
  const health = healthCheckStatus(body);
  if (health === "SERVING") return { result: "success", output: "service healthy" };
  return failure(`service unhealthy (responded with "${health}")`);
}

async function healthCheck(
  connection: Duplex,
  address: string,
  service: string,
  userAgent: string,
  signal: AbortSignal,
): Promise<HealthAnswer> {
  // Loaded when the first gRPC probe runs: most hosts have none.
  const http2 = await import("node:http2");
  const session = http2.connect(`http://${address}`, { createConnection: () => connection });
  const abort = (): void => session.destroy(asError(signal.reason));
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await call(session, service, userAgent);
  } finally {
    signal.removeEventListener("abort", abort);
    session.destroy();
  }
}

function call(session: ClientHttp2Session, service: string, userAgent: string): Promise<HealthAnswer> {
  return new Promise((resolve, reject) => {
    session.once("error", reject);
    session.once("close", () => reject(new Error("the connection closed before an answer")));
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
      "user-agent": userAgent,
    });
    const chunks: Buffer[] = [];
    // What answers at once has its status in the head.
    let fields: Readonly<Record<string, unknown>> = {};
    const take = (more: Readonly<Record<string, unknown>>): void => {
      fields = { ...fields, ...more };
    };
    stream.on("response", take);
    stream.on("trailers", take);
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.once("error", reject);
    stream.once("end", () => {
      const status = fields["grpc-status"];
      if (status === undefined) {
        reject(new Error(`the server answered with HTTP status ${fields[":status"]} and no gRPC status`));
      } else {
        const message = decodeURIComponent(String(fields["grpc-message"] ?? ""));
        resolve({ status: Number(status), message, body: Buffer.concat(chunks) });
      }
    });
    stream.end(healthCheckRequest(service));
  });
}
