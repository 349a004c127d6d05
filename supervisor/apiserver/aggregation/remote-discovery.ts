/** What a server in the cluster has, read from its own discovery (kube-aggregator `pkg/apiserver/handler_discovery.go`). */
import { isJsonObject, type JsonObject, type JsonValue } from "../../apimachinery/json/json-value.ts";
import { aggregatedMediaType } from "../discovery/aggregated-discovery.ts";
import { aggregatorUser } from "./availability.ts";
import { type RemoteApi, rootOf } from "./remote-api.ts";
import type { RemoteTransport } from "./remote-transport.ts";

/** A version's entry in the discovery document, without what this server says of it. */
export interface RemoteResources {
  readonly resources: readonly JsonObject[];
  readonly freshness: "Current" | "Stale";
}

export const staleResources: RemoteResources = { resources: [], freshness: "Stale" };

const timeoutMs = 5000;
const aggregatedType = /^application\/json;.*\bas=APIGroupDiscoveryList\b/;

/** Rejects where the server does not say. */
export async function readDiscovery(remote: RemoteApi, transport: RemoteTransport): Promise<RemoteResources> {
  const ask = (target: string, accept: string) =>
    transport.read(remote, target, aggregatorUser, { headers: [["Accept", accept]], timeoutMs });
  const whole = await ask("/apis", aggregatedMediaType);
  if (whole.status === 503) throw new Error("the service answers 503");
  if (whole.status === 200 && aggregatedType.test(whole.headers.get("content-type") ?? "")) {
    const document: unknown = JSON.parse(whole.text);
    return { resources: resourcesIn(document, remote), freshness: "Current" };
  }
  const old = await ask(rootOf(remote), "application/json");
  if (old.status !== 200) throw new Error(`${rootOf(remote)} answers ${old.status}`);
  const list: unknown = JSON.parse(old.text);
  return { resources: converted(objectsIn(list, "resources")), freshness: "Current" };
}

function objectsIn(value: unknown, field: string): readonly JsonObject[] {
  const list: unknown = typeof value === "object" && value !== null ? Reflect.get(value, field) : undefined;
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

function resourcesIn(document: unknown, { group, version }: RemoteApi): readonly JsonObject[] {
  const found = objectsIn(document, "items").find(
    ({ metadata }) => isJsonObject(metadata) && metadata.name === group,
  );
  const versions = objectsIn(found, "versions");
  const resources = objectsIn(
    versions.find((entry) => entry.version === version),
    "resources",
  );
  return resources.map((resource) => {
    const subresources = objectsIn(resource, "subresources").map(withKind);
    return { ...withKind(resource), ...(subresources.length === 0 ? {} : { subresources }) };
  });
}

/** Older clients stumble where a kind is missing. */
function withKind(entry: JsonObject): JsonObject {
  return { ...entry, responseKind: entry.responseKind ?? { group: "", version: "", kind: "" } };
}

/** The old form's resources in the new one. */
function converted(list: readonly JsonObject[]): readonly JsonObject[] {
  const resources = new Map<string, JsonObject & { subresources?: JsonObject[] }>();
  for (const entry of list) {
    const [name = "", subresource] = String(entry.name).split("/");
    const known = resources.get(name);
    const verbs = entry.verbs ?? [];
    if (subresource === undefined) {
      resources.set(name, {
        resource: name,
        responseKind: kindOf(entry),
        scope: entry.namespaced === true ? "Namespaced" : "Cluster",
        singularResource: entry.singularName ?? "",
        verbs,
        ...listed("shortNames", entry.shortNames),
        ...listed("categories", entry.categories),
        ...(known?.subresources === undefined ? {} : { subresources: known.subresources }),
      });
      continue;
    }
    const parent = known ?? { resource: name, scope: entry.namespaced === true ? "Namespaced" : "Cluster" };
    parent.subresources = [
      ...(parent.subresources ?? []),
      { subresource, responseKind: kindOf(entry), verbs },
    ];
    resources.set(name, parent);
  }
  return Array.from(resources.values());
}

function kindOf({ group = "", version = "", kind = "" }: JsonObject): JsonObject {
  return { group, version, kind };
}

function listed(field: string, value: JsonValue | undefined): JsonObject {
  return Array.isArray(value) && value.length > 0 ? { [field]: value } : {};
}
