import { checkApiOperations } from "../support/api-operations.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();
const condition = { status: "False", reason: "Test", message: "Set by a test" };

conformanceTest(
  "[sig-api-machinery] API priority and fairness should support FlowSchema API operations [Conformance]",
  () =>
    checkApiOperations(cluster.api, {
      groupVersion: "flowcontrol.apiserver.k8s.io/v1",
      resource: "flowschemas",
      kind: "FlowSchema",
      content: {
        spec: {
          matchingPrecedence: 10_000,
          priorityLevelConfiguration: { name: "global-default" },
          distinguisherMethod: { type: "ByUser" },
          rules: [
            {
              subjects: [{ kind: "User", user: { name: "nobody-of-this-name" } }],
              nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
            },
          ],
        },
      },
      patch: { spec: { matchingPrecedence: 9999 } },
      update: { spec: { matchingPrecedence: 9000 } },
      condition,
    }),
);

conformanceTest(
  "[sig-api-machinery] API priority and fairness should support PriorityLevelConfiguration API operations [Conformance]",
  () =>
    checkApiOperations(cluster.api, {
      groupVersion: "flowcontrol.apiserver.k8s.io/v1",
      resource: "prioritylevelconfigurations",
      kind: "PriorityLevelConfiguration",
      content: {
        spec: {
          type: "Limited",
          limited: { nominalConcurrencyShares: 2, limitResponse: { type: "Reject" } },
        },
      },
      created: { spec: { limited: { lendablePercent: 0 } } },
      patch: { spec: { limited: { nominalConcurrencyShares: 4 } } },
      update: { spec: { limited: { nominalConcurrencyShares: 6 } } },
      condition,
    }),
);
