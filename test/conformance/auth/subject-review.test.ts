/** What the server says of somebody's rights is what it then does. */
import { expect } from "bun:test";
import type {
  V1LocalSubjectAccessReview,
  V1ServiceAccount,
  V1SubjectAccessReview,
} from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const authorization = "/apis/authorization.k8s.io/v1";
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const cluster = useCluster();

conformanceTest(
  "[sig-auth] SubjectReview should support SubjectReview API operations [Conformance]",
  async () => {
    const { api } = cluster;
    const namespace = await cluster.namespace("reviews");
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    const account = await api.create<V1ServiceAccount>(accounts, { metadata: { name: "robot" } });
    const user = `system:serviceaccount:${namespace}:robot`;
    const uid = account.metadata?.uid ?? "";
    const groups = ["system:authenticated", "system:serviceaccounts", `system:serviceaccounts:${namespace}`];
    const spec = {
      resourceAttributes: { verb: "list", resource: "configmaps", namespace, version: "v1" },
      user,
      groups,
      uid,
    };
    const reviewed = async (): Promise<readonly (boolean | undefined)[]> => {
      const review = await api.create<V1SubjectAccessReview>(`${authorization}/subjectaccessreviews`, {
        spec,
      });
      const local = await api.create<V1LocalSubjectAccessReview>(
        `${authorization}/namespaces/${namespace}/localsubjectaccessreviews`,
        { metadata: { namespace }, spec },
      );
      return [review.status?.allowed, local.status?.allowed];
    };
    /** Lists by kubectl in the account's name. */
    const listed = async (): Promise<boolean> => {
      const groupFlags = groups.map((group) => `--as-group=${group}`);
      const who = [`--as=${user}`, `--as-uid=${uid}`, ...groupFlags];
      const result = await cluster.kubectl("get", "configmaps", "-n", namespace, ...who);
      if (result.code !== 0) expect(result.stderr).toContain(`Error from server (Forbidden)`);
      return result.code === 0;
    };
    expect(await reviewed()).toEqual([false, false]);
    expect(await listed()).toBe(false);

    const metadata = { name: "robots", namespace };
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["list"] }];
    await api.create(`${rbac}/namespaces/${namespace}/roles`, { metadata, rules });
    await api.create(`${rbac}/namespaces/${namespace}/rolebindings`, {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "robots" },
      subjects: [{ kind: "ServiceAccount", name: "robot", namespace }],
    });
    expect(await reviewed()).toEqual([true, true]);
    expect(await listed()).toBe(true);
  },
);
