import { expect } from "bun:test";
import type { V1Deployment } from "../../../supervisor/api/generated/types.ts";
import type { KubernetesObject } from "../../../supervisor/client/types.ts";
import { eventually } from "../../framework/eventually.ts";
import type { Answer } from "../support/api.ts";
import { checkApiOperations } from "../support/api-operations.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();
const group = "/apis/admissionregistration.k8s.io/v1";
const rule = { apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] };

/** A namespace whose Deployments a new policy is about. */
class Judged {
  readonly #path: string;
  readonly #selector: object;

  private constructor(namespace: string, label: string) {
    this.#path = `/apis/apps/v1/namespaces/${namespace}`;
    this.#selector = { matchLabels: { [label]: "true" } };
  }

  static async open(): Promise<Judged> {
    const label = `judged-${Math.random().toString(36).slice(2)}`;
    return new Judged(await cluster.namespace("policy", { [label]: "true" }), label);
  }

  /** Makes a policy and its binding. */
  async policy(kind: "Validating" | "Mutating", spec: object): Promise<void> {
    const resource = `${kind.toLowerCase()}admissionpolic`;
    const matchConstraints = {
      namespaceSelector: this.#selector,
      resourceRules: [{ ...rule, operations: ["CREATE", "UPDATE"] }],
    };
    const made = await cluster.api.create<KubernetesObject & object>(`${group}/${resource}ies`, {
      metadata: { generateName: "policy-" },
      ...{ spec: { matchConstraints, ...spec } },
    });
    await cluster.api.create<object>(`${group}/${resource}ybindings`, {
      metadata: { generateName: "binding-" },
      spec: {
        policyName: made.metadata?.name,
        matchResources: { namespaceSelector: this.#selector },
        ...(kind === "Validating" ? { validationActions: ["Deny"] } : {}),
      },
    });
  }

  create(resource: "deployments" | "replicasets", name: string, replicas: number): Promise<Answer> {
    const labels = { app: "nginx" };
    const template = {
      metadata: { labels },
      spec: { containers: [{ name: "nginx", image: "nginx:latest" }] },
    };
    const body = { metadata: { name }, spec: { replicas, selector: { matchLabels: labels }, template } };
    return cluster.api.call("POST", `${this.#path}/${resource}`, { body });
  }

  /** Waits until a Deployment of one replica is refused. */
  refusal(): Promise<Answer> {
    return eventually("the policy refuses", 20_000, async () => {
      const answer = await this.create("deployments", "marker", 1);
      if (answer.status !== 201) return answer;
      await cluster.api.delete(`${this.#path}/deployments/marker`);
      return undefined;
    });
  }

  /** Waits until a Deployment is made, and kept, as the policy wants it. */
  async mutated(isWanted: (deployment: V1Deployment) => boolean): Promise<void> {
    const path = `${this.#path}/deployments/marker`;
    await eventually("the policy changes Deployments", 20_000, async () => {
      const { status, text, body } = await this.create("deployments", "marker", 1);
      if (status !== 201) throw new Error(text);
      if (isWanted(body)) return true;
      await cluster.api.delete(path);
      return false;
    });
    expect(isWanted(await cluster.api.get<V1Deployment>(path))).toBe(true);
    // It may have been made to want a thousand Pods.
    await cluster.api.delete(path);
  }
}

conformanceTest(
  "[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should validate against a Deployment [Conformance]",
  async () => {
    const judged = await Judged.open();
    const messageExpression = "'wants replicas > 1, got ' + string(object.spec.replicas)";
    await judged.policy("Validating", {
      validations: [{ expression: "object.spec.replicas > 1", messageExpression }],
    });
    const { status, body } = await judged.refusal();
    expect(status).toBe(422);
    expect(body.reason).toBe("Invalid");
    expect(body.message).toEndWith("denied request: wants replicas > 1, got 1");
    expect((await judged.create("deployments", "replicated", 2)).status).toBe(201);
    expect((await judged.create("replicasets", "single", 1)).status).toBe(201);
  },
);

conformanceTest(
  "[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should allow expressions to refer variables. [Conformance]",
  async () => {
    const judged = await Judged.open();
    await judged.policy("Validating", {
      variables: [
        { name: "replicas", expression: "object.spec.replicas" },
        { name: "oddReplicas", expression: "variables.replicas % 2 == 1" },
      ],
      validations: [{ expression: "variables.replicas > 1" }, { expression: "variables.oddReplicas" }],
    });
    expect((await judged.refusal()).body.reason).toBe("Invalid");
    const even = await judged.create("deployments", "even", 2);
    expect(even.body.message).toEndWith("denied request: failed expression: variables.oddReplicas");
    expect((await judged.create("deployments", "odd", 3)).status).toBe(201);
    expect((await judged.create("replicasets", "single", 1)).status).toBe(201);
  },
);

const applied = (expression: string): object => ({
  patchType: "ApplyConfiguration",
  applyConfiguration: { expression },
});

conformanceTest(
  "[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment [Conformance]",
  async () => {
    const judged = await Judged.open();
    const mutations = [applied("Object{spec: Object.spec{replicas: 1337}}")];
    await judged.policy("Mutating", { reinvocationPolicy: "Never", mutations });
    await judged.mutated(({ spec }) => spec?.replicas === 1337);
    const replicaSet = await judged.create("replicasets", "single", 1);
    expect(replicaSet.body.spec.replicas).toBe(1);
  },
);

conformanceTest(
  "[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment with annotations [Conformance]",
  async () => {
    const judged = await Judged.open();
    const expression = 'Object{metadata: Object.metadata{annotations: {"mutated-by": "admission-policy"}}}';
    await judged.policy("Mutating", { reinvocationPolicy: "Never", mutations: [applied(expression)] });
    await judged.mutated(({ metadata }) => metadata?.annotations?.["mutated-by"] === "admission-policy");
  },
);

const matchConstraints = { resourceRules: [{ ...rule, operations: ["CREATE"] }] };
const condition = {
  status: "False",
  reason: "Test",
  message: "Set by a test",
  lastTransitionTime: "2024-01-01T00:00:00Z",
};
const failurePolicies = {
  created: { spec: { failurePolicy: "Fail" } },
  patch: { spec: { failurePolicy: "Ignore" } },
  update: { spec: { failurePolicy: "Fail" } },
};

conformanceTest(
  "[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicy API operations [Conformance]",
  () =>
    checkApiOperations(cluster.api, {
      groupVersion: "admissionregistration.k8s.io/v1",
      resource: "validatingadmissionpolicies",
      kind: "ValidatingAdmissionPolicy",
      content: { spec: { matchConstraints, validations: [{ expression: "object.spec.replicas <= 100" }] } },
      ...failurePolicies,
      condition,
    }),
);

conformanceTest(
  "[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicyBinding API operations [Conformance]",
  () =>
    checkApiOperations(cluster.api, {
      groupVersion: "admissionregistration.k8s.io/v1",
      resource: "validatingadmissionpolicybindings",
      kind: "ValidatingAdmissionPolicyBinding",
      content: { spec: { policyName: "no-such-policy.example.com", validationActions: ["Deny"] } },
      patch: { spec: { validationActions: ["Warn"] } },
      update: { spec: { validationActions: ["Deny"] } },
    }),
);

conformanceTest(
  "[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicy API operations [Conformance]",
  () =>
    checkApiOperations(cluster.api, {
      groupVersion: "admissionregistration.k8s.io/v1",
      resource: "mutatingadmissionpolicies",
      kind: "MutatingAdmissionPolicy",
      content: {
        spec: {
          matchConstraints,
          reinvocationPolicy: "Never",
          mutations: [applied("Object{spec: Object.spec{replicas: 100}}")],
        },
      },
      created: { spec: { failurePolicy: "Fail" } },
      patch: { spec: { reinvocationPolicy: "IfNeeded" } },
      update: { spec: { reinvocationPolicy: "Never" } },
    }),
);

conformanceTest(
  "[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicyBinding API operations [Conformance]",
  () =>
    checkApiOperations(cluster.api, {
      groupVersion: "admissionregistration.k8s.io/v1",
      resource: "mutatingadmissionpolicybindings",
      kind: "MutatingAdmissionPolicyBinding",
      content: { spec: { policyName: "no-such-policy.example.com" } },
      patch: { spec: { matchResources: { matchPolicy: "Exact" } } },
      update: { spec: { matchResources: { matchPolicy: "Equivalent" } } },
    }),
);
