import { admissionregistrationDefinitions } from "./admissionregistration/admissionregistration-definitions.ts";
import { apiextensionsDefinitions } from "./apiextensions/apiextensions-definitions.ts";
import { apiServiceDefinition } from "./apiregistration/api-service-definition.ts";
import { appsDefinitions } from "./apps/apps-definitions.ts";
import { authenticationDefinitions } from "./authentication/authentication-definitions.ts";
import { authorizationDefinitions } from "./authorization/authorization-definitions.ts";
import { autoscalingDefinitions } from "./autoscaling/autoscaling-definitions.ts";
import { batchDefinitions } from "./batch/batch-definitions.ts";
import { bindingDefinition } from "./binding/binding-definition.ts";
import { certificateSigningRequestDefinition } from "./certificate-signing-request/certificate-signing-request-definition.ts";
import { componentStatusDefinition } from "./component-status/component-status-definition.ts";
import { configMapDefinition } from "./config-map/config-map-definition.ts";
import { discoveryDefinitions } from "./discovery/discovery-definitions.ts";
import { endpointsDefinition } from "./endpoints/endpoints-definition.ts";
import { coreEventDefinition, eventDefinition } from "./event/event-definitions.ts";
import { flowcontrolDefinitions } from "./flowcontrol/flowcontrol-definitions.ts";
import { leaseDefinition } from "./lease/lease-definition.ts";
import { limitRangeDefinition } from "./limit-range/limit-range-definition.ts";
import { namespaceDefinition } from "./namespace/namespace-definition.ts";
import { networkingDefinitions } from "./networking/networking-definitions.ts";
import { nodeDefinition } from "./node/node-definition.ts";
import { persistentVolumeDefinition } from "./persistent-volume/persistent-volume-definition.ts";
import { persistentVolumeClaimDefinition } from "./persistent-volume-claim/persistent-volume-claim-definition.ts";
import { podDefinition } from "./pod/pod-definition.ts";
import { podTemplateDefinition } from "./pod-template/pod-template-definition.ts";
import { policyDefinitions } from "./policy/policy-definitions.ts";
import { rbacDefinitions } from "./rbac/rbac-definitions.ts";
import { replicationControllerDefinition } from "./replication-controller/replication-controller-definition.ts";
import { resourceGroupDefinitions } from "./resource/resource-group-definitions.ts";
import type { ResourceDefinition } from "./resource-definition.ts";
import { resourceQuotaDefinition } from "./resource-quota/resource-quota-definition.ts";
import { runtimeClassDefinition } from "./runtime-class/runtime-class-definition.ts";
import { priorityClassDefinition } from "./scheduling/priority-class-definition.ts";
import { secretDefinition } from "./secret/secret-definition.ts";
import { serviceDefinition } from "./service/service-definition.ts";
import { serviceAccountDefinition } from "./service-account/service-account-definition.ts";
import { storageDefinitions } from "./storage/storage-definitions.ts";

/** Every resource that the API has, in the groups' order of preference (kubernetes `pkg/controlplane`). */
export const resourceDefinitions: readonly ResourceDefinition[] = [
  bindingDefinition,
  componentStatusDefinition,
  configMapDefinition,
  coreEventDefinition,
  endpointsDefinition,
  limitRangeDefinition,
  namespaceDefinition,
  nodeDefinition,
  persistentVolumeDefinition,
  persistentVolumeClaimDefinition,
  podDefinition,
  podTemplateDefinition,
  replicationControllerDefinition,
  resourceQuotaDefinition,
  secretDefinition,
  serviceAccountDefinition,
  serviceDefinition,
  apiServiceDefinition,
  ...appsDefinitions,
  eventDefinition,
  ...authenticationDefinitions,
  ...authorizationDefinitions,
  ...autoscalingDefinitions,
  ...batchDefinitions,
  certificateSigningRequestDefinition,
  ...networkingDefinitions,
  ...policyDefinitions,
  ...rbacDefinitions,
  ...storageDefinitions,
  ...admissionregistrationDefinitions,
  ...apiextensionsDefinitions,
  priorityClassDefinition,
  leaseDefinition,
  runtimeClassDefinition,
  ...discoveryDefinitions,
  ...flowcontrolDefinitions,
  ...resourceGroupDefinitions,
];
