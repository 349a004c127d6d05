/** Validation of probes and hooks, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import {
  checkHttpHeaderName,
  checkPortName,
  checkPortNumber,
  nonNegativeMessage,
} from "../../../../apimachinery/validation/formats.ts";
import type { V1Container, V1EphemeralContainer, V1Lifecycle, V1Probe } from "../../../generated/types.ts";
import { linuxSignals, windowsSignals } from "./stop-signals.ts";

const numbers = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;
const schemes = ["HTTP", "HTTPS"];

/** What a probe or hook can do; exactly one of them. */
interface Handler {
  readonly exec?: { readonly command?: readonly string[] };
  readonly httpGet?: {
    readonly path?: string;
    readonly port: number | string;
    readonly scheme?: string;
    readonly httpHeaders?: ReadonlyArray<{ readonly name: string }>;
  };
  readonly tcpSocket?: { readonly port: number | string };
  readonly grpc?: { readonly port: number };
  readonly sleep?: { readonly seconds: number };
}

/** What the validity of probes and hooks depends on. */
interface ProbeSurroundings {
  /** The Pod's, within which a hook has to end. */
  readonly graceSeconds: number | undefined;
  readonly os: string | undefined;
}

export function validateProbesAndHooks(
  container: V1Container | V1EphemeralContainer,
  { graceSeconds, os }: ProbeSurroundings,
  path: string,
  errors: FieldError[],
): void {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  if (lifecycle) {
    validateLifecycle(lifecycle, graceSeconds, `${path}.lifecycle`, errors);
    if (lifecycle.stopSignal !== undefined) {
      validateStopSignal(lifecycle.stopSignal, os, `${path}.lifecycle.stopSignal`, errors);
    }
  }
  if (livenessProbe) validateProbe(livenessProbe, `${path}.livenessProbe`, true, errors);
  if (readinessProbe) {
    validateProbe(readinessProbe, `${path}.readinessProbe`, false, errors);
    const { terminationGracePeriodSeconds: grace } = readinessProbe;
    if (grace !== undefined) {
      const field = `${path}.readinessProbe.terminationGracePeriodSeconds`;
      errors.push(invalidField(field, grace, "must not be set for readinessProbes"));
    }
  }
  if (startupProbe) validateProbe(startupProbe, `${path}.startupProbe`, true, errors);
}

function validateLifecycle(
  lifecycle: V1Lifecycle,
  graceSeconds: number | undefined,
  path: string,
  errors: FieldError[],
): void {
  for (const hook of ["postStart", "preStop"] as const) {
    const handler = lifecycle[hook];
    if (handler) validateHandler(handler, graceSeconds, `${path}.${hook}`, errors);
  }
}

function validateStopSignal(
  stopSignal: string,
  os: string | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (os === undefined) {
    errors.push(forbiddenField(path, "may not be set for containers with empty `spec.os.name`"));
    return;
  }
  const signals = os === "windows" ? windowsSignals : os === "linux" ? linuxSignals : undefined;
  if (signals && !signals.includes(stopSignal)) errors.push(notSupportedField(path, stopSignal, signals));
}

function validateProbe(probe: V1Probe, path: string, succeedsOnce: boolean, errors: FieldError[]): void {
  const { exec, httpGet, tcpSocket, grpc } = probe;
  validateHandler(
    {
      ...(exec && { exec }),
      ...(httpGet && { httpGet }),
      ...(tcpSocket && { tcpSocket }),
      ...(grpc && { grpc }),
    },
    undefined,
    path,
    errors,
  );
  for (const field of numbers) {
    const value = probe[field] ?? 0;
    if (value < 0) errors.push(invalidField(`${path}.${field}`, value, nonNegativeMessage));
  }
  const { terminationGracePeriodSeconds: grace, successThreshold = 0 } = probe;
  if (grace !== undefined && grace <= 0) {
    errors.push(invalidField(`${path}.terminationGracePeriodSeconds`, grace, "must be greater than 0"));
  }
  if (succeedsOnce && successThreshold !== 1) {
    errors.push(invalidField(`${path}.successThreshold`, successThreshold, "must be 1"));
  }
}

const handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

function validateHandler(
  handler: Handler,
  graceSeconds: number | undefined,
  path: string,
  errors: FieldError[],
): void {
  const [first, ...others] = handlers.filter((field) => handler[field] !== undefined);
  if (first === undefined) errors.push(requiredField(path, "must specify a handler type"));
  for (const field of others) {
    errors.push(forbiddenField(`${path}.${field}`, "may not specify more than 1 handler type"));
  }
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (first === "exec" && !exec?.command?.length) errors.push(requiredField(`${path}.exec.command`));
  if (first === "httpGet" && httpGet) validateHttpGet(httpGet, `${path}.httpGet`, errors);
  if (first === "tcpSocket" && tcpSocket) validatePort(tcpSocket.port, `${path}.tcpSocket.port`, errors);
  if (first === "grpc" && grpc) validatePort(grpc.port, `${path}.grpc.port`, errors);
  if (first !== "sleep" || !sleep || graceSeconds === undefined) return;
  if (sleep.seconds < 0 || sleep.seconds > graceSeconds) {
    const detail = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
    errors.push(invalidField(`${path}.sleep`, sleep.seconds, detail));
  }
}

function validateHttpGet(action: NonNullable<Handler["httpGet"]>, path: string, errors: FieldError[]): void {
  if (!action.path) errors.push(requiredField(`${path}.path`));
  validatePort(action.port, `${path}.port`, errors);
  const { scheme = "" } = action;
  if (!schemes.includes(scheme)) errors.push(notSupportedField(`${path}.scheme`, scheme, schemes));
  for (const { name } of action.httpHeaders ?? []) {
    checkFormat(errors, `${path}.httpHeaders`, name, checkHttpHeaderName);
  }
}

function validatePort(port: number | string, path: string, errors: FieldError[]): void {
  const complaints = typeof port === "number" ? checkPortNumber(port) : checkPortName(port);
  for (const message of complaints) errors.push(invalidField(path, port, message));
}
