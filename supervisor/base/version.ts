/** The version that `/version` and every node's kubelet give: the Kubernetes API that we speak, and our build of it. */
export const kubernetesVersion = "v1.36.0+pacific.1";
