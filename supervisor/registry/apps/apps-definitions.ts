import type { ResourceDefinition } from "../resource-definition.ts";
import { controllerRevisionDefinition } from "./controller-revision/controller-revision-definition.ts";
import { daemonSetDefinition } from "./daemon-set/daemon-set-definition.ts";
import { deploymentDefinition } from "./deployment/deployment-definition.ts";
import { replicaSetDefinition } from "./replica-set/replica-set-definition.ts";
import { statefulSetDefinition } from "./stateful-set/stateful-set-definition.ts";

export const appsDefinitions: readonly ResourceDefinition[] = [
  controllerRevisionDefinition,
  daemonSetDefinition,
  deploymentDefinition,
  replicaSetDefinition,
  statefulSetDefinition,
];
