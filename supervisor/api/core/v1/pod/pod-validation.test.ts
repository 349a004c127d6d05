import { expect, test } from "bun:test";
import { complaintsOfPod as complaints, main, podSpecOf as specOf } from "./pod-fixture.ts";
import { validatePodUpdate } from "./pod-update-validation.ts";
import { validatePodTemplate } from "./pod-validation.ts";
import { podTemplateWarnings } from "./pod-warnings.ts";

const container = (change: object) => ({ containers: [{ ...main, ...change }] });

test("a Pod that uses most of what there is passes", () => {
  const change = {
    serviceAccountName: "web",
    restartPolicy: "Always",
    priorityClassName: "high",
    os: { name: "linux" },
    hostname: "web",
    subdomain: "pods",
    securityContext: { runAsUser: 1, fsGroup: 2, sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }] },
    initContainers: [
      { ...main, name: "sidecar", restartPolicy: "Always", startupProbe: { httpGet: { port: "http" } } },
    ],
    containers: [
      {
        ...main,
        ports: [{ name: "http", containerPort: 80, hostPort: 8080 }],
        env: [
          { name: "A", value: "1" },
          { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
          { name: "L", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
          { name: "C", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } } },
        ],
        envFrom: [{ configMapRef: { name: "config" } }],
        resources: { requests: { cpu: "100m" }, limits: { cpu: "1", memory: "1Gi", "a.io/gpu": "2" } },
        volumeMounts: [{ name: "data", mountPath: "/data", subPath: "a/b" }],
        lifecycle: { stopSignal: "SIGUSR1", preStop: { sleep: { seconds: 1 } } },
      },
    ],
    volumes: [
      { name: "data", persistentVolumeClaim: { claimName: "data" } },
      {
        name: "all",
        projected: {
          sources: [
            { serviceAccountToken: { path: "token" } },
            { downwardAPI: { items: [{ path: "l", fieldRef: { fieldPath: "metadata.labels" } }] } },
          ],
        },
      },
      { name: "csi", csi: { driver: "a.b.c" } },
    ],
    tolerations: [{ operator: "Exists" }],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "zone",
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: { a: "b" } },
      },
    ],
  };
  expect(complaints(change, { "controller.kubernetes.io/pod-deletion-cost": "-5" })).toEqual([]);
});

test("of a Pod only images, a shorter deadline, more tolerations and fewer gates may change", () => {
  const old = { metadata: {}, spec: specOf({ activeDeadlineSeconds: 50, schedulingGates: [{ name: "a" }] }) };
  const update = (change: object) =>
    validatePodUpdate({ metadata: {}, spec: { ...old.spec, ...change } }, old).map(
      ({ field, body }) => `${field}: ${body}`,
    );
  const renamed = specOf({ containers: [{ ...main, image: "nginx:2" }] }).containers;
  expect(
    update({
      containers: renamed,
      activeDeadlineSeconds: 40,
      tolerations: [{ operator: "Exists" }],
      schedulingGates: [],
    }),
  ).toEqual([]);
  expect(update({ nodeSelector: { zone: "a" } })).toEqual([]);
  expect(update({ activeDeadlineSeconds: 60 })).toEqual([
    "spec.activeDeadlineSeconds: Invalid value: 60: must be less than or equal to previous value",
  ]);
  expect(update({ schedulingGates: [{ name: "b" }] })).toEqual([
    "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'b'",
  ]);
  expect(update({ hostname: "other" })[0]).toStartWith(
    "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,",
  );
  expect(update({ hostname: "other" })[0]).toContain('\n+ "hostname": "other",\n');
});

test("a template is looked at like a Pod, but for what only Pods have", () => {
  const errors: Array<{ field: string; body: string }> = [];
  validatePodTemplate(
    {
      spec: specOf({
        hostNetwork: true,
        ephemeralContainers: [{ ...main, name: "d" }],
        ...container({ image: " x" }),
      }),
    },
    "spec.template",
    errors as never,
  );
  expect(errors.map(({ field, body }) => `${field}: ${body}`)).toEqual([
    "spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template",
  ]);
});

test("a client is warned of what is taken but odd", () => {
  const spec = specOf({
    nodeSelector: { "beta.kubernetes.io/os": "linux" },
    volumes: [{ name: "repo", gitRepo: { repository: "r" } }],
    imagePullSecrets: [{ name: "a" }, { name: "a" }],
    containers: [
      {
        ...main,
        env: [
          { name: "A", value: "1" },
          { name: "A", value: "2" },
        ],
        ports: [{ containerPort: 80 }, { containerPort: 80 }],
        resources: { limits: { memory: "500m" } },
      },
    ],
  });
  expect(podTemplateWarnings({ spec }, "")).toEqual([
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    "spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+",
    'spec.imagePullSecrets[1].name: duplicate name "a"',
    'spec.containers[0].resources.limits[memory]: fractional byte value "500m" is invalid, must be an integer',
    'spec.containers[0].resources.requests[memory]: fractional byte value "500m" is invalid, must be an integer',
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]",
  ]);
});
