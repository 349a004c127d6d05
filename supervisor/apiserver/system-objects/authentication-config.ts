import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { ResourceIndex } from "../resource-index.ts";
import type { Services } from "../services.ts";
import { ensureObject } from "./ensure-object.ts";

/** How servers that serve a part of the API know who asks them. PEM. */
export interface AuthenticationAuthorities {
  /** Has signed the certificates of users. */
  readonly clientCaPem: string;
  /** Has signed the certificate of whoever may say who the user is. */
  readonly requestHeaderCaPem: string;
  /** The name in that certificate. */
  readonly requestHeaderName: string;
}

const namespace = "kube-system";
const name = "extension-apiserver-authentication";

/** Publishes it where those servers look for it (kubernetes `pkg/controlplane/controller/clusterauthenticationtrust`). */
export async function publishAuthenticationConfig(
  index: ResourceIndex,
  services: Services,
  { clientCaPem, requestHeaderCaPem, requestHeaderName }: AuthenticationAuthorities,
): Promise<void> {
  const store = index.store("", "v1", "configmaps");
  if (store === undefined) return;
  const data = {
    "client-ca-file": clientCaPem,
    "requestheader-allowed-names": JSON.stringify([requestHeaderName]),
    "requestheader-client-ca-file": requestHeaderCaPem,
    "requestheader-extra-headers-prefix": JSON.stringify(["X-Remote-Extra-"]),
    "requestheader-group-headers": JSON.stringify(["X-Remote-Group"]),
    "requestheader-uid-headers": JSON.stringify(["X-Remote-Uid"]),
    "requestheader-username-headers": JSON.stringify(["X-Remote-User"]),
  };
  await ensureObject(store, services, { metadata: { name, namespace }, data });
  await store.update(namespace, name, false, (existing) => {
    const object: ApiObject = store.codec.decode(existing);
    object.data = { ...(object.data as object | undefined), ...data };
    return { action: "store", object };
  });
}
