import type { ResourceDefinition } from "../resource-definition.ts";
import { ingressClassDefinition } from "./ingress-class-definition.ts";
import { ingressDefinition } from "./ingress-definition.ts";
import { ipAddressDefinition } from "./ip-address-definition.ts";
import { networkPolicyDefinition } from "./network-policy-definition.ts";
import { serviceCidrDefinition } from "./service-cidr-definition.ts";

export const networkingDefinitions: readonly ResourceDefinition[] = [
  ingressClassDefinition,
  ingressDefinition,
  ipAddressDefinition,
  networkPolicyDefinition,
  serviceCidrDefinition,
];
