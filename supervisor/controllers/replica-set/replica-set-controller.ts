import type { V1ReplicaSet } from "../../api/generated/types.ts";
import { resources } from "../../client/resources.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { ReplicaController } from "./replica-controller.ts";
import type { ReplicaKind } from "./replica-kind.ts";

const replicaSets: ReplicaKind<V1ReplicaSet> = {
  controllerName: "replicaset-controller",
  component: "replicaset-controller",
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  resource: resources.replicaSets,
  countsTerminating: true,
  selectorOf: ({ spec }) => spec?.selector ?? {},
};

/** Keeps the Pods of ReplicaSets. */
export function replicaSetController(environment: ControllerEnvironment): Controller {
  return new ReplicaController(replicaSets, environment);
}
