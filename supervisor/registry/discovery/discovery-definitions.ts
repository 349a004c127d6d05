import type { ResourceDefinition } from "../resource-definition.ts";
import { endpointSliceDefinition } from "./endpoint-slice-definition.ts";

export const discoveryDefinitions: readonly ResourceDefinition[] = [endpointSliceDefinition];
