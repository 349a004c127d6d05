/** Gives Services their node ports (kubernetes `pkg/registry/core/service/storage/alloc.go`). */
import {
  mayHaveNodePorts,
  needsHealthCheckNodePort,
  needsNodePort,
  nodePortsOf,
} from "../../api/core/v1/service/service-needs.ts";
import type { V1ServiceSpec } from "../../api/generated/types.ts";
import { type FieldError, invalidField } from "../../apimachinery/field-error.ts";
import type { Mutable } from "../../apimachinery/mutable.ts";
import { newInternalError, newInvalid } from "../../apimachinery/status-errors.ts";
import { AllocationError } from "./allocation-error.ts";
import type { PortOperation } from "./port-allocator.ts";

type Spec = Mutable<V1ServiceSpec>;

/** Fills in the ports that `spec` needs beyond those of its state before. Throws Invalid and InternalError. */
export function allocateNodePorts(
  name: string,
  spec: Spec,
  old: Spec | undefined,
  operation: PortOperation,
): void {
  if (mayHaveNodePorts(spec)) allocateServicePorts(name, spec, old, operation);
  if (needsHealthCheckNodePort(spec)) allocateHealthCheckPort(spec, old, operation);
}

function refuse(name: string, error: FieldError): never {
  throw newInvalid({ group: "", kind: "Service" }, name, [error]);
}

function allocateServicePorts(
  name: string,
  spec: Spec,
  old: Spec | undefined,
  operation: PortOperation,
): void {
  const own = new Set(old === undefined ? [] : nodePortsOf(old));
  const ports = spec.ports ?? [];
  /** Ports of one number and several protocols share their node port. */
  const shared = new Map<number, number>();
  ports.forEach((port, index) => {
    if (!port.nodePort && !needsNodePort(spec)) return;
    const wanted = port.nodePort || (old === undefined ? requestedFor(port.port, ports, shared) : 0);
    if (wanted !== 0) {
      if (!own.has(wanted)) {
        take(operation, wanted, (why) =>
          refuse(name, invalidField(`spec.ports[${index}].nodePort`, wanted, why)),
        );
        own.add(wanted);
      }
      port.nodePort = wanted;
    } else {
      port.nodePort = next(operation, "failed to allocate a nodePort: ");
      own.add(port.nodePort);
    }
    if (!shared.has(port.port)) shared.set(port.port, port.nodePort);
  });
}

/** What another port of the same number has or asks for. */
function requestedFor(
  number: number,
  ports: ReadonlyArray<{ readonly port: number; readonly nodePort?: number }>,
  shared: ReadonlyMap<number, number>,
): number {
  return shared.get(number) ?? ports.find(({ port, nodePort }) => port === number && nodePort)?.nodePort ?? 0;
}

function allocateHealthCheckPort(spec: Spec, old: Spec | undefined, operation: PortOperation): void {
  const before = old !== undefined && needsHealthCheckNodePort(old) ? old.healthCheckNodePort : undefined;
  const wanted = spec.healthCheckNodePort ?? 0;
  if (before) return;
  if (wanted === 0) {
    spec.healthCheckNodePort = next(operation, "failed to allocate a HealthCheck NodePort 0: ");
    return;
  }
  take(operation, wanted, (why) => {
    throw newInternalError(new Error(`failed to allocate requested HealthCheck NodePort ${wanted}: ${why}`));
  });
}

function take(operation: PortOperation, port: number, refused: (why: string) => never): void {
  try {
    operation.allocate(port);
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error;
    refused(error.message);
  }
}

function next(operation: PortOperation, prefix: string): number {
  try {
    return operation.allocateNext();
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error;
    throw newInternalError(new Error(prefix + error.message));
  }
}
