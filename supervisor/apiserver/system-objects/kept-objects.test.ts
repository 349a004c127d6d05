import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../../../test/framework/eventually.ts";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";

let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start();
  await server.server.advertise({ ip: "192.0.2.1", port: 6443 });
});

afterAll(() => server.close());

test("what every cluster has comes back when somebody deletes it", async () => {
  const paths = [
    "/api/v1/namespaces/default/services/kubernetes",
    "/api/v1/namespaces/default/endpoints/kubernetes",
    "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes",
    "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/probes",
    "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/workload-low",
    "/apis/apiregistration.k8s.io/v1/apiservices/v1.apps",
  ];
  for (const path of paths) {
    const before = (await server.call("GET", path)).body;
    expect((await server.call("DELETE", path)).status).toBe(200);
    const after = await eventually(`${path} is there again`, 5000, async () => {
      const answer = await server.call("GET", path);
      return answer.status === 200 && answer.body.metadata.uid !== before.metadata.uid
        ? answer.body
        : undefined;
    });
    expect(after.spec).toEqual(before.spec);
  }
  expect(server.logs).toEqual([]);
});

test("the addresses of the Service kubernetes are put right when somebody changes them", async () => {
  const path = "/api/v1/namespaces/default/endpoints/kubernetes";
  const headers = { "content-type": "application/merge-patch+json" };
  const subsets = [{ addresses: [{ ip: "192.0.2.9" }], ports: [{ port: 1 }] }];
  expect((await server.call("PATCH", path, { body: { subsets }, headers })).status).toBe(200);
  await eventually("the address is right", 5000, async () => {
    const { body } = await server.call("GET", path);
    return body.subsets[0].addresses[0].ip === "192.0.2.1" ? true : undefined;
  });
});
