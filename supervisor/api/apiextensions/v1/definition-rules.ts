import { setDefinitionDefaults } from "./custom-resource-definition-defaults.ts";
import {
  validateDefinition,
  validateDefinitionUpdate,
  validateStatus,
} from "./custom-resource-definition-validation.ts";
import { unrecognizedFormats } from "./unrecognized-formats.ts";

/** Defaults and validation of CustomResourceDefinitions, as one part that is loaded when it is needed. */
export const definitionRules = {
  setDefinitionDefaults,
  validateDefinition,
  validateDefinitionUpdate,
  validateStatus,
  unrecognizedFormats,
};
