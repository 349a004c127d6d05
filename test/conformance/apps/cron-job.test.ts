/** CronJobs, as objects. */
import { expect } from "bun:test";
import type { V1CronJob } from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";
import { expectDiscovered } from "../support/discovery.ts";
import { checkOperations } from "../support/operations.ts";

const cluster = useCluster();

conformanceTest("[sig-apps] CronJob should support CronJob API operations [Conformance]", async () => {
  const { api } = cluster;
  await expectDiscovered(api, {
    group: "batch",
    version: "v1",
    resources: ["cronjobs", "cronjobs/status"],
  });
  const namespace = await cluster.namespace("cron");
  const objects = new Collection<V1CronJob>(api, `/apis/batch/v1/namespaces/${namespace}/cronjobs`);
  const container = { name: "main", image: "busybox", command: ["true"] };
  const template = { spec: { restartPolicy: "OnFailure", containers: [container] } };
  await checkOperations({
    objects,
    everywhere: new Collection<V1CronJob>(api, "/apis/batch/v1/cronjobs"),
    label: namespace,
    make: (number) => ({
      metadata: { name: `yearly-${number}` },
      spec: {
        schedule: "0 0 1 1 ?",
        concurrencyPolicy: "Allow",
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 0,
        jobTemplate: { spec: { parallelism: 1, completions: 1, backoffLimit: 1, template } },
      },
    }),
    further: async (name) => {
      const status = { lastScheduleTime: "2026-01-02T03:04:05Z" };
      const patch = { metadata: { annotations: { patchedstatus: "true" } }, spec: { suspend: true }, status };
      const patched = await objects.patch(name, patch, { subresource: "status" });
      expect(patched.status).toMatchObject(status);
      expect(patched.metadata?.annotations).toMatchObject({ patchedstatus: "true" });
      // The status alone changes.
      expect(patched.spec?.suspend).toBe(false);
      const later = { lastScheduleTime: "2026-01-02T04:05:06Z" };
      const updated = await objects.update(name, (object) => ({ ...object, status: later }), "status");
      expect(updated.status).toMatchObject(later);
      const read = await objects.get(name, "status");
      expect(read).toMatchObject({
        kind: "CronJob",
        metadata: { uid: updated.metadata?.uid },
        status: later,
      });
    },
  });
});
