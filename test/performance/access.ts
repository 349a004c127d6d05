/**
 * What it costs to know who sends a request and whether it may: microseconds of one core a check, among 10,000 bindings.
 * The floor is a look-up in a Map by a text made for it.
 */
import { Authentication } from "../../supervisor/apiserver/authentication/authentication.ts";
import { Authorization } from "../../supervisor/apiserver/authorization/authorization.ts";
import { systemClock } from "../../supervisor/base/clock.ts";
import { Logger } from "../../supervisor/base/logging.ts";
import { MetricsRegistry } from "../../supervisor/base/metrics/metrics-registry.ts";
import { generateKeyPem } from "../../supervisor/base/pki/keys.ts";
import { TokenKeys } from "../../supervisor/base/pki/token-keys.ts";
import { TestApiServer } from "../framework/test-api-server.ts";

const bindings = 10_000;
const rounds = 200_000;

function measure(what: string, once: () => unknown): void {
  for (let round = 0; round < rounds / 10; round++) once();
  const start = process.cpuUsage();
  for (let round = 0; round < rounds; round++) once();
  const { user, system } = process.cpuUsage(start);
  process.stdout.write(`${what.padEnd(52)} ${((user + system) / rounds).toFixed(2)} µs\n`);
}

const serviceAccountKeys = new TokenKeys({ signingKeyPem: generateKeyPem() });
const server = await TestApiServer.start({ serviceAccountKeys });
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";
const rules = [{ apiGroups: [""], resources: ["pods", "pods/log", "configmaps"], verbs: ["get", "list"] }];
await server.call("POST", `${rbac}/clusterroles`, { body: { metadata: { name: "reader" }, rules } });
for (let first = 0; first < bindings; first += 500) {
  await Promise.all(
    Array.from({ length: 500 }, (_, offset) => {
      const name = `user-${first + offset}`;
      const roleRef = { apiGroup, kind: "ClusterRole", name: "reader" };
      const body = { metadata: { name }, roleRef, subjects: [{ kind: "User", apiGroup, name }] };
      return server.call("POST", `${rbac}/namespaces/default/rolebindings`, { body });
    }),
  );
}
const { backend } = server;
const logger = new Logger("error");
const authorization = new Authorization(backend, logger);
const authentication = new Authentication({
  backend,
  logger,
  clock: systemClock,
  nodes: authorization.nodes,
  metrics: new MetricsRegistry(),
  serviceAccountKeys,
  tokenAuthenticators: [],
  serverAddress: "127.0.0.1:6443",
});
await Promise.all([authorization.start(), authentication.start()]);
const accounts = "/api/v1/namespaces/default/serviceaccounts/default";
const { token } = (await server.call("POST", `${accounts}/token`, { body: {} })).body.status;
const headers = new Headers({ authorization: `Bearer ${token}` });
const asked = {
  isResource: true,
  verb: "get",
  group: "",
  version: "v1",
  namespace: "default",
  resource: "configmaps",
  subresource: "",
  name: "a",
} as const;
const known = { name: "user-7777", groups: ["team", "system:authenticated"] };
const stranger = { name: "nobody", groups: ["system:authenticated"] };
const table = new Map([["user-7777", 1]]);
measure("floor: a look-up", () => table.get(`user-${7000 + 777}`));
measure("a request that a RoleBinding allows", () => authorization.authorizer.authorize(known, asked));
measure("a request that nothing allows", () => authorization.authorizer.authorize(stranger, asked));
const connection = server.connection(undefined);
measure("a ServiceAccount's token", () => authentication.authenticator.authenticate(headers, connection));
authorization.stop();
authentication.stop();
await server.close();
