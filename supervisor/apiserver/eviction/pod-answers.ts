/** What is asked of Pods by objects that are not stored: to be evicted, and to be bound to a node. */
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newBadRequest, newPathNotFound } from "../../apimachinery/status-errors.ts";
import { applyBinding } from "../../registry/core/pod/pod-binding.ts";
import type { Answers } from "../handlers/answer.ts";
import { writeOptions } from "../handlers/request-options.ts";
import { strategyContext } from "../request-context.ts";
import type { ResourceIndex } from "../resource-index.ts";
import { evictPod } from "./evict-pod.ts";

const success: ApiObject = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };

export function podAnswers(index: ResourceIndex): Answers {
  return {
    async Eviction(context, eviction) {
      const budgets = index.store("policy", "v1", "poddisruptionbudgets");
      if (budgets === undefined) throw newPathNotFound();
      if (eviction.metadata.name !== context.info.name) {
        throw newBadRequest("name in URL does not match name in Eviction object");
      }
      await evictPod(context, budgets, eviction);
      return success;
    },
    /** A POST to `bindings`, the elder form of `pods/binding`. */
    async Binding(context, binding) {
      const pods = index.store("", "v1", "pods");
      if (pods === undefined) throw newPathNotFound();
      const { dryRun } = writeOptions(context.info.query, "CreateOptions");
      await pods.update(context.info.namespace, binding.metadata.name ?? "", dryRun, (existing) => {
        const object = pods.codec.decode(existing);
        applyBinding(object, binding, strategyContext(context));
        return { action: "store", object };
      });
      return success;
    },
  };
}
