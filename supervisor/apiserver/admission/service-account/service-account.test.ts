import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../../../test/framework/test-api-server.ts";

let server: TestApiServer;
const core = "/api/v1/namespaces/default";
const containers = [{ name: "c", image: "i" }];

beforeAll(async () => {
  server = await TestApiServer.start();
});

afterAll(() => server.close());

function makePod(name: string, spec: object = {}, annotations: object = {}) {
  const body = { metadata: { name, annotations }, spec: { containers, ...spec } };
  return server.call("POST", `${core}/pods`, { body });
}

test("a Pod runs as an account that is there, and pulls images by its Secrets", async () => {
  expect((await makePod("absent", { serviceAccountName: "none" })).body.message).toBe(
    'pods "absent" is forbidden: error looking up service account default/none: serviceaccount "none" not found',
  );
  const account = { metadata: { name: "app" }, imagePullSecrets: [{ name: "registry" }] };
  await server.call("POST", `${core}/serviceaccounts`, { body: account });
  const { body } = await makePod("app", { serviceAccountName: "app" });
  expect(body.spec).toMatchObject({ serviceAccount: "app", imagePullSecrets: [{ name: "registry" }] });
  expect((await makePod("plain")).body.spec.serviceAccountName).toBe("default");
});

test("a Pod waits for the default account of its namespace", async () => {
  await server.call("DELETE", `${core}/serviceaccounts/default`);
  const waiting = makePod("early");
  await server.call("POST", `${core}/serviceaccounts`, { body: { metadata: { name: "default" } } });
  expect((await waiting).status).toBe(201);
});

test("an account may list the Secrets that its Pods may use", async () => {
  const annotations = { "kubernetes.io/enforce-mountable-secrets": "true" };
  const account = { metadata: { name: "strict", annotations }, secrets: [{ name: "good" }] };
  await server.call("POST", `${core}/serviceaccounts`, { body: account });
  const withSecret = (name: string) => ({
    serviceAccountName: "strict",
    volumes: [{ name: "v", secret: { secretName: name } }],
  });
  expect((await makePod("good", withSecret("good"))).status).toBe(201);
  expect((await makePod("bad", withSecret("bad"))).body.message).toBe(
    'pods "bad" is forbidden: volume with secret.secretName="bad" is not allowed because service account strict does not reference that secret',
  );
});

test("a mirror Pod has no account", async () => {
  const mirror = { "kubernetes.io/config.mirror": "x" };
  expect(
    (await makePod("mirror", { serviceAccountName: "default", nodeName: "n" }, mirror)).body.message,
  ).toContain("a mirror pod may not reference service accounts");
});

test("a Pod's containers find the account's token where they have nothing else", async () => {
  const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
  const spec = {
    initContainers: [{ name: "i", image: "i" }],
    containers: [
      { name: "c", image: "i" },
      { name: "own", image: "i", volumeMounts: [{ name: "mine", mountPath }] },
    ],
    volumes: [{ name: "mine", emptyDir: {} }],
  };
  const { body } = await makePod("token", spec);
  const [mine, access] = body.spec.volumes;
  expect(mine.name).toBe("mine");
  expect(access).toEqual({
    name: expect.stringMatching(/^kube-api-access-[a-z0-9]{5}$/),
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
      ],
      defaultMode: 420,
    },
  });
  const mount = { name: access.name, readOnly: true, mountPath };
  const { initContainers, containers: made } = body.spec;
  expect(initContainers[0].volumeMounts).toEqual([mount]);
  expect(made[0].volumeMounts).toEqual([mount]);
  expect(made[1].volumeMounts).toEqual([{ name: "mine", mountPath }]);
});

test("a Pod's word on its token goes before its account's", async () => {
  const account = { metadata: { name: "quiet" }, automountServiceAccountToken: false };
  await server.call("POST", `${core}/serviceaccounts`, { body: account });
  const volumes = async (name: string, spec: object) => (await makePod(name, spec)).body.spec.volumes;
  expect(await volumes("no", { serviceAccountName: "quiet" })).toBeUndefined();
  const yes = { serviceAccountName: "quiet", automountServiceAccountToken: true };
  expect(await volumes("yes", yes)).toHaveLength(1);
  expect(await volumes("never", { automountServiceAccountToken: false })).toBeUndefined();
});
