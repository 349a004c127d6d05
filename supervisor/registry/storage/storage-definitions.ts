import type { ResourceDefinition } from "../resource-definition.ts";
import { csiDriverDefinition } from "./csi-driver-definition.ts";
import { csiNodeDefinition } from "./csi-node-definition.ts";
import { csiStorageCapacityDefinition } from "./csi-storage-capacity-definition.ts";
import { storageClassDefinition } from "./storage-class-definition.ts";
import { volumeAttachmentDefinition } from "./volume-attachment-definition.ts";
import { volumeAttributesClassDefinition } from "./volume-attributes-class-definition.ts";

export const storageDefinitions: readonly ResourceDefinition[] = [
  csiDriverDefinition,
  csiNodeDefinition,
  csiStorageCapacityDefinition,
  storageClassDefinition,
  volumeAttachmentDefinition,
  volumeAttributesClassDefinition,
];
