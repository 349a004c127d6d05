import { admissionregistrationDefinitions } from "./admissionregistration/admissionregistration-definitions.ts";
import { apiextensionsDefinitions } from "./apiextensions/apiextensions-definitions.ts";
import { apiServiceDefinition } from "./apiregistration/api-service-definition.ts";
import { appsDefinitions } from "./apps/apps-definitions.ts";
import { authenticationDefinitions } from "./authentication/authentication-definitions.ts";
import { authorizationDefinitions } from "./authorization/authorization-definitions.ts";
import { autoscalingDefinitions } from "./autoscaling/autoscaling-definitions.ts";
import { batchDefinitions } from "./batch/batch-definitions.ts";
import { certificateSigningRequestDefinition } from "./certificates/certificate-signing-request/certificate-signing-request-definition.ts";
import { leaseDefinition } from "./coordination/lease/lease-definition.ts";
import { bindingDefinition } from "./core/binding/binding-definition.ts";
import { componentStatusDefinition } from "./core/component-status/component-status-definition.ts";
import { configMapDefinition } from "./core/config-map/config-map-definition.ts";
import { endpointsDefinition } from "./core/endpoints/endpoints-definition.ts";
import { coreEventDefinition, eventDefinition } from "./core/event/event-definitions.ts";
import { limitRangeDefinition } from "./core/limit-range/limit-range-definition.ts";
import { namespaceDefinition } from "./core/namespace/namespace-definition.ts";
import { nodeDefinition } from "./core/node/node-definition.ts";
import { persistentVolumeDefinition } from "./core/persistent-volume/persistent-volume-definition.ts";
import { persistentVolumeClaimDefinition } from "./core/persistent-volume-claim/persistent-volume-claim-definition.ts";
import { podDefinition } from "./core/pod/pod-definition.ts";
import { podTemplateDefinition } from "./core/pod-template/pod-template-definition.ts";
import { replicationControllerDefinition } from "./core/replication-controller/replication-controller-definition.ts";
import { resourceQuotaDefinition } from "./core/resource-quota/resource-quota-definition.ts";
import { secretDefinition } from "./core/secret/secret-definition.ts";
import { serviceDefinition } from "./core/service/service-definition.ts";
import { serviceAccountDefinition } from "./core/service-account/service-account-definition.ts";
import { discoveryDefinitions } from "./discovery/discovery-definitions.ts";
import { flowcontrolDefinitions } from "./flowcontrol/flowcontrol-definitions.ts";
import { networkingDefinitions } from "./networking/networking-definitions.ts";
import { runtimeClassDefinition } from "./node/runtime-class/runtime-class-definition.ts";
import { policyDefinitions } from "./policy/policy-definitions.ts";
import { rbacDefinitions } from "./rbac/rbac-definitions.ts";
import { resourceGroupDefinitions } from "./resource/resource-group-definitions.ts";
import type { ResourceDefinition } from "./resource-definition.ts";
import { priorityClassDefinition } from "./scheduling/priority-class-definition.ts";
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
