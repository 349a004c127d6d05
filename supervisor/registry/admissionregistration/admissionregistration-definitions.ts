import type { ResourceDefinition } from "../resource-definition.ts";
import {
  mutatingAdmissionPolicyBindingDefinition,
  mutatingAdmissionPolicyDefinition,
  validatingAdmissionPolicyBindingDefinition,
  validatingAdmissionPolicyDefinition,
} from "./admission-policy-definitions.ts";
import {
  mutatingWebhookConfigurationDefinition,
  validatingWebhookConfigurationDefinition,
} from "./webhook-definitions.ts";

/** Who is asked before a write (kubernetes `pkg/registry/admissionregistration`). */
export const admissionregistrationDefinitions: readonly ResourceDefinition[] = [
  mutatingAdmissionPolicyBindingDefinition,
  mutatingAdmissionPolicyDefinition,
  mutatingWebhookConfigurationDefinition,
  validatingAdmissionPolicyBindingDefinition,
  validatingAdmissionPolicyDefinition,
  validatingWebhookConfigurationDefinition,
];
