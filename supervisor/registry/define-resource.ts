import { checkDnsSubdomain } from "../apimachinery/validation/formats.ts";
import type { ResourceDefinition, ResourceStrategy } from "./resource-definition.ts";
import { nameAndCreationTable } from "./table.ts";

type Given = Pick<ResourceDefinition, "group" | "resource" | "kind" | "namespaced">;
type Filled = "version" | "singular" | "shortNames" | "categories" | "model" | "storagePrefix" | "strategy";

/** A definition without what most resources have in common. */
export interface ResourceFacts
  extends Given,
    Partial<Omit<ResourceDefinition, keyof Given | "strategy">>,
    Partial<Pick<ResourceDefinition, Exclude<Filled, "strategy">>> {
  readonly strategy?: Partial<ResourceStrategy>;
}

/** What most kinds' strategies say (kubernetes `pkg/registry`). */
const commonStrategy: ResourceStrategy = {
  checkName: checkDnsSubdomain,
  allowUnconditionalUpdate: true,
  allowCreateOnUpdate: false,
  returnsDeletedObject: false,
};

/** Fills in what most resources have in common. */
export function defineResource(facts: ResourceFacts): ResourceDefinition {
  return {
    version: "v1",
    singular: facts.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    model: `V1${facts.kind}`,
    storagePrefix: `/registry/${facts.resource}/`,
    subresources: {},
    table: nameAndCreationTable,
    ...facts,
    strategy: { ...commonStrategy, ...facts.strategy },
  };
}
