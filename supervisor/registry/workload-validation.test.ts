import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../test/framework/test-api-server.ts";

let api: TestApiServer;
beforeAll(async () => {
  api = await TestApiServer.start();
});
afterAll(() => api.close());

const labels = { app: "web" };
const selector = { matchLabels: labels };
const containers = [{ name: "web", image: "nginx:1" }];
const template = { metadata: { labels }, spec: { containers } };
const jobTemplate = { metadata: { labels }, spec: { containers, restartPolicy: "Never" } };
const scaleTargetRef = { kind: "Deployment", name: "web", apiVersion: "apps/v1" };

const kinds: Readonly<Record<string, readonly [path: string, spec: object]>> = {
  "Deployment.apps": ["/apis/apps/v1/namespaces/default/deployments", { selector, template }],
  "ReplicaSet.apps": ["/apis/apps/v1/namespaces/default/replicasets", { selector, template }],
  "StatefulSet.apps": [
    "/apis/apps/v1/namespaces/default/statefulsets",
    { selector, template, serviceName: "web" },
  ],
  "DaemonSet.apps": ["/apis/apps/v1/namespaces/default/daemonsets", { selector, template }],
  "Job.batch": ["/apis/batch/v1/namespaces/default/jobs", { template: jobTemplate }],
  "CronJob.batch": [
    "/apis/batch/v1/namespaces/default/cronjobs",
    { schedule: "@daily", jobTemplate: { spec: { template: jobTemplate } } },
  ],
  "PodDisruptionBudget.policy": [
    "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
    { selector, minAvailable: 1 },
  ],
  "HorizontalPodAutoscaler.autoscaling": [
    "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
    { maxReplicas: 3, scaleTargetRef },
  ],
  ReplicationController: ["/api/v1/namespaces/default/replicationcontrollers", { template }],
};

const emptySelector = (kind: string) =>
  `spec.selector: Invalid value: {}: empty selector is invalid for ${kind}`;
const always = 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"';

const refused: ReadonlyArray<readonly [kind: string, change: object, texts: readonly string[]]> = [
  [
    "Deployment.apps",
    { replicas: -1 },
    ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
  ],
  [
    "Deployment.apps",
    { selector: null, template: null },
    [
      "spec.selector: Required value",
      "spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`",
      "spec.template.spec.containers: Required value",
    ],
  ],
  ["Deployment.apps", { selector: {} }, [emptySelector("deployment")]],
  [
    "Deployment.apps",
    { selector: null },
    [
      "spec.selector: Required value",
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
  ],
  [
    "Deployment.apps",
    { selector: { matchLabels: { app: "db" } } },
    [
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
  ],
  ["Deployment.apps", { template: jobTemplate }, [always]],
  [
    "Deployment.apps",
    { strategy: { type: "Recreate", rollingUpdate: {} } },
    ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
  ],
  [
    "Deployment.apps",
    { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
    ["spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"],
  ],
  [
    "Deployment.apps",
    { strategy: { rollingUpdate: { maxUnavailable: "101%" } } },
    ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
  ],
  [
    "Deployment.apps",
    { strategy: { rollingUpdate: { maxSurge: "half" } } },
    [
      "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"half\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ],
  ],
  [
    "Deployment.apps",
    { progressDeadlineSeconds: 5, minReadySeconds: 5 },
    ["spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds"],
  ],
  [
    "Deployment.apps",
    { template: { metadata: { labels }, spec: { containers: [] } } },
    ["spec.template.spec.containers: Required value"],
  ],
  ["ReplicaSet.apps", { selector: {} }, [emptySelector("deployment")]],
  ["ReplicaSet.apps", { template: jobTemplate }, [always]],
  [
    "StatefulSet.apps",
    { podManagementPolicy: "Any" },
    ["spec.podManagementPolicy: Invalid value: \"Any\": must be 'OrderedReady' or 'Parallel'"],
  ],
  ["StatefulSet.apps", { selector: {} }, [emptySelector("statefulset")]],
  [
    "StatefulSet.apps",
    { updateStrategy: { rollingUpdate: { partition: -1 } } },
    ["spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0"],
  ],
  [
    "StatefulSet.apps",
    { persistentVolumeClaimRetentionPolicy: { whenScaled: "Keep" } },
    [
      'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Retain", "Delete"',
    ],
  ],
  [
    "DaemonSet.apps",
    { updateStrategy: { rollingUpdate: { maxSurge: 1 } } },
    [
      "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero",
    ],
  ],
  [
    "DaemonSet.apps",
    { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
    ["spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"],
  ],
  [
    "Job.batch",
    { template },
    ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  ],
  ["Job.batch", { completionMode: "Indexed" }, []],
  [
    "Job.batch",
    { parallelism: 2, completionMode: "Indexed" },
    ["spec.completions: Required value: when completion mode is Indexed"],
  ],
  [
    "Job.batch",
    { backoffLimitPerIndex: 1 },
    ["spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"],
  ],
  [
    "Job.batch",
    { podFailurePolicy: { rules: [{ action: "Retry", onExitCodes: { operator: "In", values: [0] } }] } },
    [
      'spec.podFailurePolicy.rules[0].action: Unsupported value: "Retry": supported values: "Count", "FailIndex", "FailJob", "Ignore"',
      "spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator",
    ],
  ],
  [
    "CronJob.batch",
    { schedule: "* * * *" },
    ['spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]'],
  ],
  [
    "CronJob.batch",
    { schedule: "61 * * * *" },
    ['spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61'],
  ],
  [
    "CronJob.batch",
    { schedule: "@often" },
    ['spec.schedule: Invalid value: "@often": unrecognized descriptor: @often'],
  ],
  [
    "CronJob.batch",
    { schedule: "TZ=UTC 0 * * * *" },
    [
      'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
  ],
  [
    "CronJob.batch",
    { timeZone: "Atlantis/Main" },
    ['spec.timeZone: Invalid value: "Atlantis/Main": unknown time zone Atlantis/Main'],
  ],
  [
    "CronJob.batch",
    { concurrencyPolicy: "Maybe" },
    ['spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"'],
  ],
  [
    "PodDisruptionBudget.policy",
    { minAvailable: "200%" },
    ['spec.minAvailable: Invalid value: "200%": must not be greater than 100%'],
  ],
  [
    "PodDisruptionBudget.policy",
    { unhealthyPodEvictionPolicy: "Never" },
    [
      'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"',
    ],
  ],
  [
    "HorizontalPodAutoscaler.autoscaling",
    { minReplicas: 4 },
    ["spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`"],
  ],
  [
    "HorizontalPodAutoscaler.autoscaling",
    { scaleTargetRef: { kind: "", name: "a/b" } },
    [
      "spec.scaleTargetRef.kind: Required value",
      "spec.scaleTargetRef.name: Invalid value: \"a/b\": may not contain '/'",
    ],
  ],
  [
    "HorizontalPodAutoscaler.autoscaling",
    { metrics: [{ type: "Pods" }] },
    ["spec.metrics[0].pods: Required value: must populate information for the given metric source"],
  ],
  [
    "ReplicationController",
    { selector: { app: "db" } },
    [
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
  ],
];

for (const [kind, change, texts] of refused) {
  test(`${kind} with ${JSON.stringify(change)} is answered as upstream does`, async () => {
    const [path, spec] = kinds[kind]!;
    const body = { metadata: { name: "web" }, spec: { ...spec, ...change } };
    const { status, body: answer } = await api.call("POST", `${path}?dryRun=All`, { body });
    expect(
      (answer.details?.causes ?? []).map(
        (cause: { field: string; message: string }) => `${cause.field}: ${cause.message}`,
      ),
    ).toEqual([...texts]);
    expect(status).toBe(texts.length === 0 ? 201 : 422);
    if (texts.length === 1) expect(answer.message).toBe(`${kind} "web" is invalid: ${texts[0]}`);
  });
}

test("a workload without a spec is told of all that it lacks", async () => {
  const [path] = kinds["Deployment.apps"]!;
  const { body } = await api.call("POST", path, { body: { metadata: { name: "web" } } });
  expect(body.details.causes.map(({ field }: { field: string }) => field)).toEqual([
    "spec.selector",
    "spec.template.metadata.labels",
    "spec.template.spec.containers",
  ]);
});

test("what Pods are selected by does not change, nor most of a StatefulSet and a Job", async () => {
  const headers = { "content-type": "application/merge-patch+json" };
  const changes: ReadonlyArray<readonly [kind: string, spec: object, text: string]> = [
    [
      "Deployment.apps",
      { selector: { matchLabels: { tier: "a" } }, template: { metadata: { labels: { tier: "a" } } } },
      'spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"a"}}: field is immutable',
    ],
    [
      "StatefulSet.apps",
      { serviceName: "other" },
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
    ["Job.batch", { completions: 2 }, "spec.completions: Invalid value: 2: field is immutable"],
  ];
  for (const [kind, spec, text] of changes) {
    const [path, whole] = kinds[kind]!;
    expect((await api.call("POST", path, { body: { metadata: { name: "kept" }, spec: whole } })).status).toBe(
      201,
    );
    const { body } = await api.call("PATCH", `${path}/kept`, { headers, body: { spec } });
    expect(body.message).toBe(`${kind} "kept" is invalid: ${text}`);
  }
});

test("a Job that waits may still be told where to run and what to ask for, one that has begun may not", async () => {
  const path = "/apis/batch/v1/namespaces/default/jobs";
  const headers = { "content-type": "application/merge-patch+json" };
  await api.call("POST", path, {
    body: { metadata: { name: "held" }, spec: { suspend: true, template: jobTemplate } },
  });
  const place = (zone: string) => ({ spec: { template: { spec: { nodeSelector: { zone } } } } });
  expect((await api.call("PATCH", `${path}/held`, { headers, body: place("a") })).status).toBe(200);
  const template = {
    spec: { containers: [{ ...jobTemplate.spec.containers[0], resources: { limits: { cpu: "2" } } }] },
  };
  expect((await api.call("PATCH", `${path}/held`, { headers, body: { spec: { template } } })).status).toBe(
    200,
  );
  await api.call("PATCH", `${path}/held`, { headers, body: { spec: { suspend: false } } });
  const refusedPatch = await api.call("PATCH", `${path}/held`, { headers, body: place("b") });
  expect(refusedPatch.body.details.causes[0].field).toBe("spec.template");
});

test("a Job is not finished without having begun, nor without saying why", async () => {
  const path = "/apis/batch/v1/namespaces/default/jobs/kept/status";
  const headers = { "content-type": "application/merge-patch+json" };
  const conditions = [{ type: "Complete", status: "True" }];
  const { body } = await api.call("PATCH", path, { headers, body: { status: { conditions } } });
  expect(
    body.details.causes.map(({ field, message }: Record<string, string>) => `${field}: ${message}`),
  ).toEqual([
    "status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
    "status.completionTime: Required value: completionTime is required for Complete jobs",
    "status.startTime: Required value: startTime is required for finished job",
  ]);
});

test("templates are warned of like Pods", async () => {
  const spec = {
    selector,
    template: {
      metadata: { labels },
      spec: { containers, nodeSelector: { "beta.kubernetes.io/arch": "amd64" } },
    },
  };
  const answer = await api.call("POST", "/apis/apps/v1/namespaces/default/deployments", {
    body: { metadata: { name: "old" }, spec },
  });
  expect(answer.headers.get("warning")).toBe(
    '299 - "spec.template.spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use \\"kubernetes.io/arch\\" instead"',
  );
});
