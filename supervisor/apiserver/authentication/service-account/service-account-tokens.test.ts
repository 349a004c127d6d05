import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPublicKey, verify } from "node:crypto";
import { FakeClock } from "../../../../test/framework/fake-clock.ts";
import { TestApiServer } from "../../../../test/framework/test-api-server.ts";

const clock = new FakeClock();
let server: TestApiServer;
const core = "/api/v1/namespaces/default";
const accounts = `${core}/serviceaccounts`;
const review = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

beforeAll(async () => {
  server = await TestApiServer.start({}, clock);
  await server.call("POST", accounts, { body: { metadata: { name: "app" } } });
});

afterAll(() => server.close());

async function request(
  name: string,
  spec: object = {},
  as?: { commonName: string; organizations: string[] },
) {
  const call = { body: { spec }, ...(as === undefined ? {} : { as }) };
  return server.call("POST", `${accounts}/${name}/token`, call);
}

function claimsOf(token: string) {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
}

async function whoIs(token: string) {
  const headers = { authorization: `Bearer ${token}` };
  const { status, body } = await server.call("POST", review, { as: undefined, headers, body: {} });
  return status === 201 ? body.status.userInfo : status;
}

test("a requested token is its account's for as long as it says", async () => {
  const { status, body } = await request("app");
  expect(status).toBe(201);
  expect(body.spec).toEqual({
    audiences: ["https://kubernetes.default.svc.cluster.local"],
    expirationSeconds: 3600,
  });
  const { token, expirationTimestamp } = body.status;
  expect(Date.parse(expirationTimestamp)).toBe(clock.now() + 3600_000);
  const account = (await server.call("GET", `${accounts}/app`)).body.metadata;
  const claims = claimsOf(token);
  expect(claims).toMatchObject({
    iss: "https://kubernetes.default.svc.cluster.local",
    sub: "system:serviceaccount:default:app",
    "kubernetes.io": { namespace: "default", serviceaccount: { name: "app", uid: account.uid } },
  });
  expect(await whoIs(token)).toEqual({
    username: "system:serviceaccount:default:app",
    uid: account.uid,
    groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
    extra: { "authentication.kubernetes.io/credential-id": [`JTI=${claims.jti}`] },
  });
  await clock.advance(3600_000 + 61_000);
  expect(await whoIs(token)).toBe(401);
});

test("a token that is bound to a Pod ends with it, and names its node", async () => {
  const spec = { serviceAccountName: "app", nodeName: "n1", containers: [{ name: "a", image: "b" }] };
  const pod = (await server.call("POST", `${core}/pods`, { body: { metadata: { name: "p" }, spec } })).body;
  const bound = { kind: "Pod", apiVersion: "v1", name: "p" };
  const { body } = await request("app", { boundObjectRef: bound, expirationSeconds: 3607 });
  expect(body.spec.boundObjectRef.uid).toBe(pod.metadata.uid);
  const claims = claimsOf(body.status.token);
  // The kubelet's own kind of token outlives its word, with a warning.
  expect(claims.exp - claims.iat).toBe(365 * 24 * 3600);
  expect(claims["kubernetes.io"].warnafter).toBe(claims.iat + 3607);
  expect((await whoIs(body.status.token)).extra).toMatchObject({
    "authentication.kubernetes.io/node-name": ["n1"],
    "authentication.kubernetes.io/pod-name": ["p"],
    "authentication.kubernetes.io/pod-uid": [pod.metadata.uid],
  });
  const node = { commonName: "system:node:n1", organizations: ["system:nodes"] };
  const withUid = { boundObjectRef: { ...bound, uid: pod.metadata.uid } };
  expect((await request("app", withUid, node)).status).toBe(201);
  expect((await request("app", {}, node)).body.message).toBe(
    'serviceaccounts "app" is forbidden: node requested token not bound to a pod',
  );
  const other = { commonName: "system:node:n2", organizations: ["system:nodes"] };
  expect((await request("app", withUid, other)).body.message).toContain(
    "no relationship found between node 'n2' and this object",
  );
  await server.call("DELETE", `${core}/pods/p?gracePeriodSeconds=0`);
  expect(await whoIs(body.status.token)).toBe(401);
});

test("a token that is bound to a Secret ends with it, one of a deleted account at once", async () => {
  await server.call("POST", `${core}/secrets`, { body: { metadata: { name: "s" } } });
  await server.call("POST", accounts, { body: { metadata: { name: "gone" } } });
  const boundObjectRef = { kind: "Secret", apiVersion: "v1", name: "s" };
  const bound = (await request("app", { boundObjectRef })).body.status.token;
  const own = (await request("gone")).body.status.token;
  expect((await whoIs(bound)).username).toBe("system:serviceaccount:default:app");
  await server.call("DELETE", `${core}/secrets/s`);
  expect(await whoIs(bound)).toBe(401);
  expect((await whoIs(own)).username).toBe("system:serviceaccount:default:gone");
  await server.call("DELETE", `${accounts}/gone`);
  await server.call("POST", accounts, { body: { metadata: { name: "gone" } } });
  expect(await whoIs(own)).toBe(401);
});

test("requests that ask for what cannot be are refused", async () => {
  expect((await request("app", { expirationSeconds: 10 })).body.message).toBe(
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes',
  );
  expect((await request("absent")).body.message).toBe('serviceaccounts "absent" not found');
  const config = { boundObjectRef: { kind: "ConfigMap", apiVersion: "v1", name: "x" } };
  expect((await request("app", config)).body.message).toBe(
    "cannot bind token to object of type /v1, Kind=ConfigMap",
  );
  await server.call("POST", `${core}/secrets`, { body: { metadata: { name: "t" } } });
  const strange = { boundObjectRef: { kind: "Secret", apiVersion: "v1", name: "t", uid: "x" } };
  expect((await request("app", strange)).status).toBe(409);
});

test("a token for others is no token for this server, and a review says whose it is", async () => {
  const { token } = (await request("app", { audiences: ["vault"] })).body.status;
  expect(await whoIs(token)).toBe(401);
  const reviews = "/apis/authentication.k8s.io/v1/tokenreviews";
  const ask = async (spec: object) => (await server.call("POST", reviews, { body: { spec } })).body.status;
  expect(await ask({ token, audiences: ["vault", "other"] })).toMatchObject({
    authenticated: true,
    audiences: ["vault"],
    user: { username: "system:serviceaccount:default:app" },
  });
  expect((await ask({ token })).error).toBe(
    '[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["https://kubernetes.default.svc.cluster.local"]]',
  );
});

test("others can check tokens by the issuer's documents", async () => {
  const as = { commonName: "system:serviceaccount:default:app", organizations: ["system:serviceaccounts"] };
  const discovery = await server.call("GET", "/.well-known/openid-configuration", { as });
  expect(discovery.body).toEqual({
    issuer: "https://kubernetes.default.svc.cluster.local",
    jwks_uri: "https://127.0.0.1:6443/openid/v1/jwks",
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
  });
  expect((await server.call("GET", "/openid/v1/jwks", { as: undefined })).status).toBe(403);
  const jwks = JSON.parse((await server.call("GET", "/openid/v1/jwks", { as })).text);
  const [head, payload, signature = ""] = (await request("app")).body.status.token.split(".");
  const key = createPublicKey({ key: jwks.keys[0], format: "jwk" });
  const signed = Buffer.from(`${head}.${payload}`);
  const options = { key, dsaEncoding: "ieee-p1363" } as const;
  expect(verify("sha256", signed, options, Buffer.from(signature, "base64url"))).toBe(true);
});
