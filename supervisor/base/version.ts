/** The version that `/version` and every node's kubelet give: the Kubernetes API that we speak, and our build of it. */
export const kubernetesVersion = "v1.36.0+pacific.1";

/** Set by the build: the hash of all that went into the program. */
declare const PACIFIC_BUILD: string | undefined;

/** Tells builds of one version apart; empty where the program runs from its sources. */
export const build: string = typeof PACIFIC_BUILD === "string" ? PACIFIC_BUILD : "";
