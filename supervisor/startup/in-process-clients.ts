import type { ApiServer } from "../apiserver/api-server.ts";
import { loopbackConnection } from "../apiserver/create-api-server.ts";
import { InProcessTransport } from "../client/in-process-transport.ts";
import { createClient } from "../client/rest-client.ts";
import type { KubernetesClient } from "../client/types.ts";

/** Under which name a part of this process manages fields: that of upstream's program that has it. */
function managerOf(user: string): string {
  if (user.startsWith("system:serviceaccount:kube-system:")) return "kube-controller-manager";
  return user === "system:apiserver" ? "kube-apiserver" : user.slice(user.lastIndexOf(":") + 1);
}

/** Makes clients for parts of this process, each as a user of its own. */
export function inProcessClients(
  apiServer: ApiServer,
): (user: string, groups?: readonly string[]) => KubernetesClient {
  return (user, groups) =>
    createClient(new InProcessTransport(apiServer.fetch, loopbackConnection(user, groups), managerOf(user)));
}
