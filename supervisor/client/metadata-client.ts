import { createClient } from "./rest-client.ts";
import type { KubernetesClient, Transport } from "./types.ts";

const form = (as: string): string => `application/json;as=${as};g=meta.k8s.io;v=v1,application/json`;
const ofLists = form("PartialObjectMetadataList");
const ofObjects = form("PartialObjectMetadata");

/** A client that gets of each object its metadata alone, of whatever kind it is. */
export function createMetadataClient(transport: Transport): KubernetesClient {
  return createClient({
    fetch(path, init = {}) {
      const isList = (init.method ?? "GET") === "GET" && !path.includes("watch=true") && !isObjectPath(path);
      return transport.fetch(path, {
        ...init,
        headers: { ...init.headers, accept: isList ? ofLists : ofObjects },
      });
    },
  });
}

/** Whether a path names one object: `/api/v1/namespaces/a/pods/b`, `/api/v1/nodes/a`. */
function isObjectPath(path: string): boolean {
  const parts = (path.split("?")[0] ?? "").split("/");
  const resource = parts.slice(parts[1] === "api" ? 3 : 4);
  return resource[0] === "namespaces" && resource.length > 2 ? resource.length > 3 : resource.length > 1;
}
