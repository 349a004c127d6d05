/** What kinds of resources there are (kubernetes `pkg/apis/core/helper`). */
const containerResources: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"]);
const hugePagesPrefix = "hugepages-";

export function isHugePages(name: string): boolean {
  return name.startsWith(hugePagesPrefix);
}

/** The bytes of one page of a resource such as `hugepages-2Mi`, as a quantity. */
export function hugePageSize(name: string): string {
  return name.slice(hugePagesPrefix.length);
}

export function isStandardContainerResource(name: string): boolean {
  return containerResources.has(name) || isHugePages(name);
}

/** Kubernetes' own: without a domain, or of its domain. */
export function isNativeResource(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

/** A device or the like, of somebody else's domain. */
export function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith("requests.");
}

/** Whether a limit may be greater than its request. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name);
}

/** What a Pod as a whole may ask for. */
export function isPodLevelResource(name: string): boolean {
  return name === "cpu" || name === "memory" || isHugePages(name);
}
