import { resourceDefinitions } from "./resource-definitions.ts";

/** Under which prefix the objects of a built-in resource are stored. Throws where there is none of that name. */
export function storagePrefixOf(group: string, resource: string): string {
  const found = resourceDefinitions.find((one) => one.group === group && one.resource === resource);
  if (found === undefined) throw new Error(`There is no resource ${resource} in the group "${group}"`);
  return found.storagePrefix;
}
