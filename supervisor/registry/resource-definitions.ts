import { certificateSigningRequestDefinition } from "./certificate-signing-request/certificate-signing-request-definition.ts";
import { configMapDefinition } from "./config-map/config-map-definition.ts";
import { coreEventDefinition, eventDefinition } from "./event/event-definitions.ts";
import { leaseDefinition } from "./lease/lease-definition.ts";
import { namespaceDefinition } from "./namespace/namespace-definition.ts";
import { nodeDefinition } from "./node/node-definition.ts";
import { podDefinition } from "./pod/pod-definition.ts";
import type { ResourceDefinition } from "./resource-definition.ts";
import { secretDefinition } from "./secret/secret-definition.ts";
import { serviceAccountDefinition } from "./service-account/service-account-definition.ts";

/** Every resource that the API has. */
export const resourceDefinitions: readonly ResourceDefinition[] = [
  configMapDefinition,
  coreEventDefinition,
  namespaceDefinition,
  nodeDefinition,
  podDefinition,
  secretDefinition,
  serviceAccountDefinition,
  certificateSigningRequestDefinition,
  leaseDefinition,
  eventDefinition,
];
