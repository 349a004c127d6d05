import type { V1ReplicationController } from "../../api/generated/types.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { ReplicaController } from "../replica-set/replica-controller.ts";
import type { ReplicaKind } from "../replica-set/replica-kind.ts";

const replicationControllers: ReplicaKind<V1ReplicationController> = {
  controllerName: "replicationcontroller-controller",
  component: "replication-controller",
  apiVersion: "v1",
  kind: "ReplicationController",
  resource: { group: "", version: "v1", resource: "replicationcontrollers" },
  countsTerminating: false,
  selectorOf: ({ spec }) => ({ matchLabels: spec?.selector ?? {} }),
};

/** Keeps the Pods of ReplicationControllers. */
export function replicationController(environment: ControllerEnvironment): Controller {
  return new ReplicaController(replicationControllers, environment);
}
