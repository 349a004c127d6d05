import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Call, TestApiServer } from "../../../test/framework/test-api-server.ts";
import type { PeerSubject } from "../../base/http/connection-info.ts";
import { parseTokenFile, tokenFileAuthenticator } from "../authentication/token-file.ts";

let server: TestApiServer;

beforeAll(async () => {
  const tokenAuthenticators = [tokenFileAuthenticator(parseTokenFile('t0ken,tom,7,"team"\n'))];
  server = await TestApiServer.start({ tokenAuthenticators });
});

afterAll(() => server.close());

const authorization = "/apis/authorization.k8s.io/v1";
const authentication = "/apis/authentication.k8s.io/v1";
const joe: PeerSubject = { commonName: "joe", organizations: ["team"] };

async function ask(path: string, spec: object, call: Call = {}) {
  const { status, body } = await server.call("POST", path, { ...call, body: { spec } });
  return status === 201 ? body.status : body.message;
}

test("access reviews say what may be done, and by which binding", async () => {
  const own = `${authorization}/selfsubjectaccessreviews`;
  const pods = { resourceAttributes: { namespace: "default", verb: "list", resource: "pods" } };
  expect(await ask(own, pods, { as: joe })).toEqual({ allowed: false });
  expect(await ask(own, { nonResourceAttributes: { path: "/api", verb: "get" } }, { as: joe })).toEqual({
    allowed: true,
    reason:
      'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"',
  });
  const others = `${authorization}/subjectaccessreviews`;
  expect(await ask(others, { ...pods, user: "x", groups: ["system:masters"] })).toEqual({ allowed: true });
  const node = { user: "system:node:n1", groups: ["system:nodes"] };
  const listed = { verb: "list", resource: "pods", fieldSelector: { rawSelector: "spec.nodeName=n1" } };
  expect(await ask(others, { ...node, resourceAttributes: listed })).toMatchObject({ allowed: true });
  const requirements = [{ key: "spec.nodeName", operator: "In", values: ["n2"] }];
  expect(
    await ask(others, { ...node, resourceAttributes: { ...listed, fieldSelector: { requirements } } }),
  ).toEqual({
    allowed: false,
    reason: "can only list/watch pods with spec.nodeName field selector",
  });
  expect(await ask(others, pods)).toBe(
    'SubjectAccessReview.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
  );
  expect(await ask(others, { user: "x" })).toContain(
    "exactly one of nonResourceAttributes or resourceAttributes must be specified",
  );
  const local = `${authorization}/namespaces/default/localsubjectaccessreviews`;
  expect(await ask(local, { ...pods, user: "x" })).toEqual({ allowed: false });
  const elsewhere = { resourceAttributes: { ...pods.resourceAttributes, namespace: "other" } };
  expect(await ask(local, { ...elsewhere, user: "x" })).toContain("must match metadata.namespace");
});

test("the rules of a user are told without the rights of others", async () => {
  const rules = await ask(`${authorization}/selfsubjectrulesreviews`, { namespace: "default" }, { as: joe });
  expect(rules.incomplete).toBe(false);
  expect(rules.resourceRules).toContainEqual({
    verbs: ["create"],
    apiGroups: ["authorization.k8s.io"],
    resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
  });
  expect(rules.nonResourceRules).toContainEqual({
    verbs: ["get"],
    nonResourceURLs: ["/healthz", "/livez", "/readyz", "/version", "/version/"],
  });
  expect(await ask(`${authorization}/selfsubjectrulesreviews`, {})).toBe("no namespace on request");
});

test("who one is, by certificate, by token and in another's place", async () => {
  const reviews = `${authentication}/selfsubjectreviews`;
  expect(await ask(reviews, {}, { as: joe })).toMatchObject({
    userInfo: { username: "joe", groups: ["team", "system:authenticated"] },
  });
  const headers = {
    "impersonate-user": "system:serviceaccount:default:app",
    "impersonate-uid": "u1",
    "impersonate-extra-example.com%2fscope": "a",
  };
  expect(await ask(reviews, {}, { headers })).toMatchObject({
    userInfo: {
      username: "system:serviceaccount:default:app",
      uid: "u1",
      groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
      extra: { "example.com/scope": ["a"] },
    },
  });
  const tokens = `${authentication}/tokenreviews`;
  expect(await ask(tokens, { token: "t0ken" })).toEqual({
    authenticated: true,
    user: { username: "tom", uid: "7", groups: ["team", "system:authenticated"] },
    audiences: ["https://kubernetes.default.svc.cluster.local"],
  });
  expect(await ask(tokens, { token: "strange" })).toEqual({ user: {}, error: "invalid bearer token" });
  expect(await ask(tokens, { token: "" })).toBe("token is required for TokenReview in authentication");
});

test("reviews are asked and never listed, and discovery says so", async () => {
  const { body } = await server.call("GET", authorization);
  const verbs = (body.resources as Array<{ readonly verbs: readonly string[] }>).map((entry) => entry.verbs);
  expect(verbs).toEqual([["create"], ["create"], ["create"], ["create"]]);
  expect((await server.call("GET", `${authorization}/subjectaccessreviews`)).status).toBe(405);
});
