import { evaluatorFor } from "../../api/core/v1/quota/evaluators.ts";
import { isInScopes, type QuotaEvaluator } from "../../api/core/v1/quota/quota-evaluator.ts";
import type { V1ResourceQuota } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import { addResources, maskResources } from "../../apimachinery/resource-list.ts";
import { createMetadataClient } from "../../client/metadata-client.ts";
import type { GroupVersionResource, KubernetesClient, KubernetesObject } from "../../client/types.ts";

const pageSize = 500;

/** How much of a quota is used: all objects are counted anew, as the API server has them now. */
export async function quotaUsage(
  client: KubernetesClient,
  resources: Iterable<GroupVersionResource>,
  quota: V1ResourceQuota,
  nowMs: number,
): Promise<Record<string, string>> {
  const limited = Object.keys(quota.spec?.hard ?? {});
  let used: Record<string, string> = {};
  for (const resource of resources) {
    const evaluator = evaluatorFor(resource.group, resource.resource);
    const measured = limited.filter((name) => evaluator.measures(name));
    if (measured.length === 0) continue;
    const nothing = Object.fromEntries(measured.map((name) => [name, "0"]));
    const usage = await usageOf({ client, resource, evaluator, quota, nowMs });
    used = addResources(used, { ...nothing, ...maskResources(usage, (name) => measured.includes(name)) });
  }
  return used;
}

interface Measure {
  readonly client: KubernetesClient;
  readonly resource: GroupVersionResource;
  readonly evaluator: QuotaEvaluator;
  readonly quota: V1ResourceQuota;
  readonly nowMs: number;
}

async function usageOf(measure: Measure): Promise<Record<string, string>> {
  const { client, resource, evaluator, quota, nowMs } = measure;
  const namespace = quota.metadata?.namespace ?? "";
  // What is only counted need not be read.
  const reader = evaluator.countsOnly ? createMetadataClient(client.transport) : client;
  const objects = reader.resource<KubernetesObject>(resource, namespace);
  let usage: Record<string, string> = {};
  for (let next: string | undefined; ; ) {
    const page = { limit: pageSize, ...(next === undefined ? {} : { continue: next }) };
    const list = await objects.list(page).catch((error: unknown) => {
      // The resource has gone with its definition.
      if (isNotFound(error)) return undefined;
      throw error;
    });
    for (const object of list?.items ?? []) {
      if (isInScopes(evaluator, quota, object)) usage = addResources(usage, evaluator.usage(object, nowMs));
    }
    next = list?.metadata?.continue || undefined;
    if (next === undefined) return usage;
  }
}
