import type { V1StatefulSet } from "@kubernetes/client-node";
import { secretName, selectorOf } from "./owned-objects.ts";
import type { MongoDB, MongoDBStatus } from "./types.ts";

/** The status that a MongoDB should have, by the state of its StatefulSet. */
export function statusOf(
  database: MongoDB,
  statefulSet: V1StatefulSet | undefined,
  now: string,
): MongoDBStatus {
  const { generation, deletionTimestamp } = database.metadata;
  const { replicas = 0, readyReplicas = 0 } = statefulSet?.status ?? {};
  const isReady = readyReplicas >= database.spec.replicas;
  const status = isReady ? "True" : "False";
  const old = database.status?.conditions?.find(({ type }) => type === "Ready");
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  return {
    ...observed,
    phase: deletionTimestamp !== undefined ? "Terminating" : isReady ? "Running" : "Pending",
    replicas,
    readyReplicas,
    selector: selectorOf(database),
    connectionSecret: secretName(database),
    conditions: [
      {
        type: "Ready",
        status,
        reason: isReady ? "AllMembersReady" : "MembersMissing",
        message: `${readyReplicas} of ${database.spec.replicas} members are ready`,
        ...observed,
        // The time of the last change, not of the last look.
        lastTransitionTime: old?.status === status ? old.lastTransitionTime : now,
      },
    ],
  };
}

/** Whether two values say the same, in whatever order their fields are. */
export function isSame(left: unknown, right: unknown): boolean {
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null)
    return left === right;
  const fields = new Set([...Object.keys(left), ...Object.keys(right)]);
  const [first, second] = [left as Record<string, unknown>, right as Record<string, unknown>];
  return Array.from(fields).every((field) => isSame(first[field], second[field]));
}
