/** Validation of probes and hooks, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import {
  checkPortName,
  checkPortNumber,
  nonNegativeMessage,
} from "../../../apimachinery/validation/formats.ts";
import type { V1Container, V1EphemeralContainer, V1Probe } from "../../generated/types.ts";

const numbers = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

/** What a probe or hook can do; exactly one of them. */
interface Handler {
  readonly exec?: { readonly command?: readonly string[] };
  readonly httpGet?: { readonly path?: string; readonly port: number | string; readonly scheme?: string };
  readonly tcpSocket?: { readonly port: number | string };
  readonly grpc?: { readonly port: number };
  readonly sleep?: { readonly seconds: number };
}

export function validateProbes(
  container: V1Container | V1EphemeralContainer,
  path: string,
  errors: FieldError[],
): void {
  for (const field of ["livenessProbe", "readinessProbe", "startupProbe"] as const) {
    const probe = container[field];
    if (probe === undefined) continue;
    validateProbe(probe, `${path}.${field}`, errors);
    if (field !== "readinessProbe" && (probe.successThreshold ?? 1) !== 1) {
      errors.push(invalidField(`${path}.${field}.successThreshold`, probe.successThreshold, "must be 1"));
    }
  }
  for (const hook of ["postStart", "preStop"] as const) {
    const handler = container.lifecycle?.[hook];
    if (handler) validateHandler(handler, `${path}.lifecycle.${hook}`, errors);
  }
}

function validateProbe(probe: V1Probe, path: string, errors: FieldError[]): void {
  validateHandler(probe, path, errors);
  for (const field of numbers) {
    const value = probe[field] ?? 0;
    if (value < 0) errors.push(invalidField(`${path}.${field}`, value, nonNegativeMessage));
  }
  const { terminationGracePeriodSeconds: grace } = probe;
  if (grace !== undefined && grace <= 0) {
    errors.push(invalidField(`${path}.terminationGracePeriodSeconds`, grace, "must be greater than 0"));
  }
}

function validateHandler(handler: Handler, path: string, errors: FieldError[]): void {
  const given = (["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const).filter(
    (field) => handler[field] !== undefined,
  );
  if (given.length === 0) errors.push(requiredField(path, "must specify a handler type"));
  for (const field of given.slice(1)) {
    errors.push(forbiddenField(`${path}.${field}`, "may not specify more than 1 handler type"));
  }
  if (handler.exec && !handler.exec.command?.length) errors.push(requiredField(`${path}.exec.command`));
  if (handler.httpGet) {
    if (!handler.httpGet.path) errors.push(requiredField(`${path}.httpGet.path`));
    validatePort(handler.httpGet.port, `${path}.httpGet.port`, errors);
    const schemes = ["HTTP", "HTTPS"];
    const { scheme = "HTTP" } = handler.httpGet;
    if (!schemes.includes(scheme)) errors.push(notSupportedField(`${path}.httpGet.scheme`, scheme, schemes));
  }
  if (handler.tcpSocket) validatePort(handler.tcpSocket.port, `${path}.tcpSocket.port`, errors);
  if (handler.grpc) validatePort(handler.grpc.port, `${path}.grpc.port`, errors);
}

function validatePort(port: number | string, path: string, errors: FieldError[]): void {
  const complaints = typeof port === "number" ? checkPortNumber(port) : checkPortName(port);
  for (const message of complaints) errors.push(invalidField(path, port, message));
}
