import type { ResourceDefinition } from "../resource-definition.ts";
import { customResourceDefinitionDefinition } from "./custom-resource-definition-definition.ts";

/** The resources of apiextensions.k8s.io. */
export const apiextensionsDefinitions: readonly ResourceDefinition[] = [customResourceDefinitionDefinition];
