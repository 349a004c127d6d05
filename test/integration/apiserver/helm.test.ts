/** helm with a chart of everyday size: what it installs, changes, takes back and removes. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1Job } from "../../../supervisor/api/generated/types.ts";
import { isNotFound } from "../../../supervisor/apimachinery/errors.ts";
import type { KubernetesObject } from "../../../supervisor/client/types.ts";
import { type CommandResult, run } from "../../framework/cluster.ts";
import { findHelm } from "../../framework/kubectl.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";
import { waitUntil } from "../../framework/wait-until.ts";

const path = findHelm() ?? "";
const check = path === "" ? test.skip : test;
const reason = path === "" ? " (dist/test-tools has no helm: run ./install.sh test-tools)" : "";

/** What the chart has beside what `helm create` puts there. */
const files: Readonly<Record<string, string>> = {
  "crds/widgets.yaml": `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.shop.example.com }
spec:
  group: shop.example.com
  scope: Namespaced
  names: { plural: widgets, kind: Widget }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`,
  "templates/widget.yaml": `apiVersion: shop.example.com/v1
kind: Widget
metadata: { name: {{ .Release.Name }} }
spec: { size: {{ .Values.size }} }
`,
  "templates/config.yaml": `apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-config }
data: { size: {{ .Values.size | quote }} }
---
apiVersion: v1
kind: Secret
metadata: { name: {{ .Release.Name }}-secret }
stringData: { password: {{ .Values.password | quote }} }
`,
  "templates/rules.yaml": `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: {{ .Release.Name }} }
rules: [{ apiGroups: [""], resources: [configmaps], verbs: [get, list] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: {{ .Release.Name }} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .Release.Name }} }
subjects: [{ kind: ServiceAccount, name: {{ include "shop.serviceAccountName" . }}, namespace: {{ .Release.Namespace }} }]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: {{ .Release.Name }} }
spec:
  minAvailable: 1
  selector:
    matchLabels: {{- include "shop.selectorLabels" . | nindent 6 }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: {{ .Release.Name }} }
spec:
  podSelector:
    matchLabels: {{- include "shop.selectorLabels" . | nindent 6 }}
  ingress: [{ ports: [{ port: http }] }]
`,
  "templates/hook.yaml": `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-prepare
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: prepare, image: "busybox:1", command: [prepare] }]
`,
};

/** Where each kind of object is, in the namespace of the release. */
const places = {
  deployment: { group: "apps", version: "v1", resource: "deployments" },
  service: { group: "", version: "v1", resource: "services" },
  serviceAccount: { group: "", version: "v1", resource: "serviceaccounts" },
  ingress: { group: "networking.k8s.io", version: "v1", resource: "ingresses" },
  autoscaler: { group: "autoscaling", version: "v2", resource: "horizontalpodautoscalers" },
  configMap: { group: "", version: "v1", resource: "configmaps" },
  secret: { group: "", version: "v1", resource: "secrets" },
  role: { group: "rbac.authorization.k8s.io", version: "v1", resource: "roles" },
  binding: { group: "rbac.authorization.k8s.io", version: "v1", resource: "rolebindings" },
  budget: { group: "policy", version: "v1", resource: "poddisruptionbudgets" },
  policy: { group: "networking.k8s.io", version: "v1", resource: "networkpolicies" },
  widget: { group: "shop.example.com", version: "v1", resource: "widgets" },
  job: { group: "batch", version: "v1", resource: "jobs" },
} as const;

const everything = ["ingress.enabled=true", "autoscaling.enabled=true", "size=1", "password=secret"];

describe("helm", () => {
  const folder = mkdtempSync(join(tmpdir(), "pacific-helm-"));
  const chart = join(folder, "shop");
  let supervisor: TestSupervisor;

  beforeAll(async () => {
    if (path === "") return;
    supervisor = await startTestSupervisor({ disabled: ["scheduler"] });
    await says("create", chart);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(chart, name, ".."), { recursive: true });
      writeFileSync(join(chart, name), content);
    }
  });
  afterAll(async () => {
    if (path !== "") await supervisor.stop();
    rmSync(folder, { recursive: true });
  });

  function helm(...args: string[]): Promise<CommandResult> {
    const places = ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"];
    const env = {
      KUBECONFIG: supervisor.kubeconfigPath,
      ...Object.fromEntries(places.map((name) => [name, join(folder, name)])),
    };
    return run([path, ...args], { env });
  }

  async function says(...args: string[]): Promise<string> {
    const result = await helm(...args);
    expect(result).toMatchObject({ code: 0, stderr: "" });
    return result.stdout;
  }

  const set = (...values: string[]) => values.flatMap((value) => ["--set", value]);
  const client = (kind: keyof typeof places) =>
    supervisor.admin.resource<KubernetesObject>(places[kind], "shop");
  const get = (kind: keyof typeof places, name: string) => client(kind).get(name);
  const isGone = (kind: keyof typeof places, name: string) =>
    get(kind, name).then(
      () => false,
      (error: unknown) => isNotFound(error),
    );

  /** Does what the Job of the command's hook would have done. */
  async function finishingHook<T>(said: Promise<T>): Promise<T> {
    const jobs = supervisor.admin.resource<V1Job>(places.job, "shop");
    const job = await waitUntil(() => jobs.get("web-prepare").catch(() => undefined));
    const now = new Date().toISOString().replace(/\.\d+/, "");
    const condition = (type: string) => ({
      type,
      status: "True",
      lastProbeTime: now,
      lastTransitionTime: now,
    });
    await jobs.updateStatus({
      ...job,
      status: {
        startTime: now,
        completionTime: now,
        succeeded: 1,
        conditions: [condition("SuccessCriteriaMet"), condition("Complete")],
      },
    });
    return await said;
  }

  const withHook = (...args: string[]) => finishingHook(says(...args));

  check(`installs a chart with its definitions and hooks${reason}`, async () => {
    const said = await withHook(
      "install",
      "web",
      chart,
      "-n",
      "shop",
      "--create-namespace",
      ...set(...everything),
    );
    expect(said).toContain("STATUS: deployed\nREVISION: 1\n");
    const deployment = await get("deployment", "web-shop");
    expect(deployment.metadata?.labels).toMatchObject({ "app.kubernetes.io/managed-by": "Helm" });
    expect(deployment.metadata?.managedFields?.map(({ manager }) => manager)).toContain("helm");
    for (const kind of ["service", "serviceAccount", "ingress", "autoscaler"] as const)
      await get(kind, "web-shop");
    for (const kind of ["role", "binding", "budget", "policy", "widget"] as const) await get(kind, "web");
    expect(await get("configMap", "web-config")).toMatchObject({ data: { size: "1" } });
    expect(await get("secret", "web-secret")).toMatchObject({ data: { password: "c2VjcmV0" } });
    expect(await isGone("job", "web-prepare")).toBe(true);
  });

  check(`lists, shows and compares with what is there${reason}`, async () => {
    const [release] = JSON.parse(await says("list", "-n", "shop", "-o", "json"));
    expect(release).toMatchObject({ name: "web", revision: "1", status: "deployed", chart: "shop-0.1.0" });
    expect(await says("status", "web", "-n", "shop")).toContain("STATUS: deployed");
    expect(await says("get", "manifest", "web", "-n", "shop")).toContain("kind: PodDisruptionBudget");
    const dry = await helm("upgrade", "web", chart, "-n", "shop", "--dry-run=server", ...set(...everything));
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain("REVISION: 2");
    expect(JSON.parse(await says("history", "web", "-n", "shop", "-o", "json"))).toHaveLength(1);
  });

  check(`upgrades: changes what differs and removes what is no more${reason}`, async () => {
    const values = set(
      "replicaCount=3",
      "image.tag=1.27",
      "ingress.enabled=true",
      "size=2",
      "password=secret",
    );
    expect(await withHook("upgrade", "web", chart, "-n", "shop", ...values)).toContain("REVISION: 2\n");
    expect(await get("deployment", "web-shop")).toMatchObject({
      spec: {
        replicas: 3,
        template: { spec: { containers: [{ image: "nginx:1.27" }] } },
      },
    });
    expect(await get("widget", "web")).toMatchObject({ spec: { size: 2 } });
    expect(await isGone("autoscaler", "web-shop")).toBe(true);
  });

  check(`says what the server refuses, and goes back${reason}`, async () => {
    const values = set("size=3", "password=secret", "service.port=99999", "ingress.enabled=true");
    const refused = await finishingHook(helm("upgrade", "web", chart, "-n", "shop", ...values));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535");
    expect(await says("rollback", "web", "1", "-n", "shop")).toContain("Rollback was a success");
    expect(await get("widget", "web")).toMatchObject({ spec: { size: 1 } });
    await get("autoscaler", "web-shop");
    const history = JSON.parse(await says("history", "web", "-n", "shop", "-o", "json"));
    expect(history.map(({ status }: { status: string }) => status)).toEqual([
      "superseded",
      "superseded",
      "failed",
      "deployed",
    ]);
  });

  check(`uninstalls everything but the definitions${reason}`, async () => {
    expect(await says("uninstall", "web", "-n", "shop")).toContain('release "web" uninstalled');
    for (const kind of ["deployment", "service", "ingress", "autoscaler"] as const) {
      expect(await isGone(kind, "web-shop")).toBe(true);
    }
    for (const kind of ["role", "budget", "policy", "widget"] as const) {
      expect(await isGone(kind, "web")).toBe(true);
    }
    const definitions = {
      group: "apiextensions.k8s.io",
      version: "v1",
      resource: "customresourcedefinitions",
    };
    await supervisor.admin.resource<KubernetesObject>(definitions).get("widgets.shop.example.com");
    expect(JSON.parse(await says("list", "-n", "shop", "-o", "json"))).toEqual([]);
  });
});
