/** The controllers that who-may-what needs, and real kubectl's words for it, against a whole supervisor. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import type {
  V1ClusterRole,
  V1ConfigMap,
  V1Secret,
  V1ServiceAccount,
} from "../../../supervisor/api/generated/types.ts";
import { isNotFound } from "../../../supervisor/apimachinery/errors.ts";
import { systemClock } from "../../../supervisor/base/clock.ts";
import { createToken } from "../../../supervisor/cli/bootstrap-tokens.ts";
import { HttpTransport } from "../../../supervisor/client/http-transport.ts";
import { resources } from "../../../supervisor/client/resources.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import { run } from "../../framework/cluster.ts";
import { findKubectl } from "../../framework/kubectl.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";
import { waitUntil } from "../../framework/wait-until.ts";

const configMaps = { group: "", version: "v1", resource: "configmaps" };
const clusterRoles = { group: "rbac.authorization.k8s.io", version: "v1", resource: "clusterroles" };
let supervisor: TestSupervisor;

beforeAll(async () => {
  supervisor = await startTestSupervisor({ disabled: ["scheduler"] });
});

afterAll(() => supervisor.stop());

async function absent(promise: Promise<unknown>): Promise<boolean> {
  try {
    await promise;
    return false;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

test("the aggregated roles have the rules of those with their label, also of new ones", async () => {
  const roles = supervisor.admin.resource<V1ClusterRole>(clusterRoles);
  await waitUntil(async () => ((await roles.get("admin")).rules ?? []).length > 20);
  const labels = { "rbac.authorization.k8s.io/aggregate-to-view": "true" };
  const rules = [{ apiGroups: ["example.com"], resources: ["things"], verbs: ["get"] }];
  await roles.create({ metadata: { name: "things", labels }, rules });
  for (const name of ["view", "edit", "admin"]) {
    await waitUntil(async () =>
      (await roles.get(name)).rules?.some(({ apiGroups }) => apiGroups?.includes("example.com")),
    );
  }
});

test("every namespace has the CA, also after somebody changed it", async () => {
  const maps = supervisor.admin.resource<V1ConfigMap>(configMaps, "default");
  const good = async () => {
    const map = await maps.get("kube-root-ca.crt").catch(() => undefined);
    return map?.data?.["ca.crt"] === supervisor.caPem && map;
  };
  await waitUntil(good);
  await maps.patch("kube-root-ca.crt", { data: { "ca.crt": "x" } }, "application/merge-patch+json");
  await waitUntil(good);
  await maps.delete("kube-root-ca.crt");
  await waitUntil(good);
});

test("a Secret that asks for a token gets one that works until the account goes", async () => {
  const accounts = supervisor.admin.resource<V1ServiceAccount>(resources.serviceAccounts, "default");
  const secrets = supervisor.admin.resource<V1Secret>(resources.secrets, "default");
  await accounts.create({ metadata: { name: "old" } });
  const annotations = { "kubernetes.io/service-account.name": "old" };
  await secrets.create({
    metadata: { name: "old-token", annotations },
    type: "kubernetes.io/service-account-token",
  });
  const filled = await waitUntil(async () => {
    const secret = await secrets.get("old-token");
    return secret.data?.token !== undefined && secret;
  });
  expect(Buffer.from(filled.data?.namespace ?? "", "base64").toString()).toBe("default");
  const token = Buffer.from(filled.data?.token ?? "", "base64").toString();
  const bearer = { server: supervisor.url, caPem: supervisor.caPem, credentials: { token } };
  const review = () =>
    new HttpTransport(bearer).fetch("/apis/authentication.k8s.io/v1/selfsubjectreviews", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
  const answer = (await (await review()).json()) as { status: { userInfo: { username: string } } };
  expect(answer.status.userInfo.username).toBe("system:serviceaccount:default:old");
  await accounts.delete("old");
  await waitUntil(() => absent(secrets.get("old-token")));
  expect((await review()).status).toBe(401);
});

test("who has a join token finds the cluster by what was signed with it", async () => {
  const token = await createToken(supervisor.admin, {
    caKeyHash: supervisor.caKeyHash,
    ttlMs: 60_000,
    clock: systemClock,
  });
  const [id = "", secret = ""] = token.split(".");
  const stranger = createClient(new HttpTransport({ server: supervisor.url, caPem: supervisor.caPem }));
  const maps = stranger.resource<V1ConfigMap>(configMaps, "kube-public");
  const info = await waitUntil(async () => {
    const map = await maps.get("cluster-info").catch(() => undefined);
    return map?.data?.[`jws-kubeconfig-${id}`] !== undefined && map;
  });
  const [header, , signature] = (info.data?.[`jws-kubeconfig-${id}`] ?? "").split(".");
  const payload = Buffer.from(info.data?.kubeconfig ?? "").toString("base64url");
  expect(createHmac("sha256", secret).update(`${header}.${payload}`).digest("base64url")).toBe(
    signature ?? "",
  );
});

const kubectlPath = findKubectl("v36");
const reason = kubectlPath === undefined ? " (skipped: run ./install.sh test-tools first)" : "";

async function kubectl(...args: string[]): Promise<string> {
  const cache = ["--cache-dir", `${supervisor.dataDir}/kubectl-cache`];
  const result = await run([kubectlPath ?? "", "--kubeconfig", supervisor.kubeconfigPath, ...cache, ...args]);
  return result.stdout + result.stderr;
}

test.skipIf(kubectlPath === undefined)(
  `kubectl auth and create token say what upstream's do${reason}`,
  async () => {
    expect(await kubectl("auth", "whoami")).toMatch(
      /Username +system:admin\nGroups +\[system:masters system:authenticated\]/,
    );
    expect(await kubectl("auth", "can-i", "--list", "--as", "joe")).toMatch(
      /selfsubjectaccessreviews\.authorization\.k8s\.io +\[\] +\[\] +\[create\]/,
    );
    expect(await kubectl("auth", "can-i", "list", "secrets", "--as", "joe")).toBe("no\n");
    await kubectl("create", "serviceaccount", "robot");
    await kubectl("create", "rolebinding", "robot", "--clusterrole=view", "--serviceaccount=default:robot");
    const token = (await kubectl("create", "token", "robot", "--duration=20m")).trim();
    const asRobot = ["--token", token, "--server", supervisor.url, "--kubeconfig", "/dev/null"];
    const ca = ["--certificate-authority", `${supervisor.dataDir}/tls/ca.crt`];
    expect(await kubectl("auth", "whoami", ...asRobot, ...ca)).toContain(
      "system:serviceaccount:default:robot",
    );
    expect(await kubectl("auth", "can-i", "list", "pods", ...asRobot, ...ca)).toBe("yes\n");
    expect(await kubectl("get", "secrets", ...asRobot, ...ca)).toBe(
      'Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:default:robot" cannot list resource "secrets" in API group "" in the namespace "default"\n',
    );
  },
);
