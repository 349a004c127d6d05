import { stringify } from "yaml";

/** What those who join are told of the cluster: a kubeconfig without a user, as kubeadm writes it. */
export function clusterInfo(server: string, caPem: string): string {
  const cluster = { "certificate-authority-data": Buffer.from(caPem).toString("base64"), server };
  return stringify(
    {
      apiVersion: "v1",
      clusters: [{ cluster, name: "" }],
      contexts: null,
      "current-context": "",
      kind: "Config",
      preferences: {},
      users: null,
    },
    { lineWidth: 0 },
  );
}
