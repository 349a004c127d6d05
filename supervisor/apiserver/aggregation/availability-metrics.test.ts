import { expect, test } from "bun:test";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";
import { waitUntil } from "../../../test/framework/wait-until.ts";

const path = "/apis/apiregistration.k8s.io/v1/apiservices";
const name = "v1.example.com";

test("an APIService that does not answer is shown, and counted where it did before", async () => {
  const server = await TestApiServer.start();
  try {
    const line = async (start: string) => {
      const { text } = await server.call("GET", "/metrics");
      return text.split("\n").find((candidate) => candidate.startsWith(start));
    };
    const gauge = `aggregator_unavailable_apiservice{name="${name}"}`;
    const counter = `aggregator_unavailable_apiservice_total{name="${name}"`;
    const place = { group: "example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 };
    const spec = { ...place, service: { namespace: "default", name: "none" }, insecureSkipTLSVerify: true };
    await server.call("POST", path, { body: { metadata: { name }, spec } });
    const condition = async () => (await server.call("GET", `${path}/${name}`)).body.status?.conditions?.[0];
    await waitUntil(async () => (await condition())?.reason === "ServiceNotFound");
    expect([await line(gauge), await line(counter)]).toEqual([`${gauge} 1`, undefined]);
    const status = { conditions: [{ ...(await condition()), status: "True" }] };
    const headers = { "content-type": "application/merge-patch+json" };
    await server.call("PATCH", `${path}/${name}/status`, { body: { status }, headers });
    // The monitor looks again when the Service comes, and finds that nothing listens there.
    const ports = [{ port: 80 }];
    const service = { metadata: { name: "none" }, spec: { ports } };
    await server.call("POST", "/api/v1/namespaces/default/services", { body: service });
    await waitUntil(async () => (await line(counter)) !== undefined);
    expect(await line(counter)).toMatch(/,reason="Service(PortError|NotFound)"\} 1$/);
    await waitUntil(async () => (await line(gauge)) === `${gauge} 1`);
  } finally {
    await server.close();
  }
});
