import type {
  AuthenticationV1TokenRequest,
  V1Pod,
  V1ServiceAccountTokenProjection,
} from "../../../supervisor/api/generated/types.ts";
import type { KubernetesClient } from "../../../supervisor/client/types.ts";
import { apiConfigSource } from "../api-config-source.ts";
import type { ConfigSource } from "../containers/environment.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";

/** Where the contents of volumes come from. */
export interface VolumeSource extends ConfigSource {
  /** A new token of the Pod's ServiceAccount, bound to the Pod. */
  token(pod: V1Pod, wanted: V1ServiceAccountTokenProjection): Promise<string>;
}

export function apiVolumeSource(client: KubernetesClient): VolumeSource {
  return { ...apiConfigSource(client), token: (pod, wanted) => requestToken(client, pod, wanted) };
}

async function requestToken(
  client: KubernetesClient,
  pod: V1Pod,
  { audience, expirationSeconds }: V1ServiceAccountTokenProjection,
): Promise<string> {
  const { namespace, name, uid } = podIdentity(pod);
  const accounts = client.resource({ group: "", version: "v1", resource: "serviceaccounts" }, namespace);
  const request: AuthenticationV1TokenRequest = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: {
      audiences: audience ? [audience] : [],
      ...(expirationSeconds !== undefined && { expirationSeconds }),
      boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
    },
  };
  const account = pod.spec?.serviceAccountName || "default";
  const { status } = await accounts.createSubresource(account, "token", request);
  if (!status?.token) throw new Error(`the API server gave no token of service account ${account}`);
  return status.token;
}
