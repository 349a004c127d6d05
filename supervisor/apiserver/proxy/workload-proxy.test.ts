import { afterEach, beforeEach, expect, test } from "bun:test";
import { createServer, type Server } from "node:http";
import { LoopbackNode, serviceObjects } from "../../../test/framework/loopback-node.ts";
import { admin, TestApiServer } from "../../../test/framework/test-api-server.ts";

let server: TestApiServer;
let backend: Server;
let port = 0;

beforeEach(async () => {
  backend = createServer((request, response) => {
    if (request.url === "/moved") response.writeHead(302, { location: "/there" });
    if (request.url === "/login") {
      response.setHeader("set-cookie", ["a=1; Path=/", "b=2; HttpOnly"]);
      response.setHeader("content-type", "text/html");
      response.end(`<p>${request.headers.cookie} ${request.headers.authorization}</p>`);
      return;
    }
    const { "x-forwarded-uri": uri, authorization = "none" } = request.headers;
    let body = "";
    request.on("data", (bytes) => {
      body += bytes;
    });
    request.on("end", () => response.end(`${request.method} ${request.url} ${uri} ${authorization} ${body}`));
  });
  await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
  const address = backend.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
  const nodes = new LoopbackNode();
  nodes.add("default", "web");
  server = await TestApiServer.start({ nodes });
  const { service, slice } = serviceObjects("web", 80, port);
  await server.call("POST", "/api/v1/namespaces/default/services", { body: service });
  await server.call("POST", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", { body: slice });
});

afterEach(async () => {
  await server.close();
  await new Promise((resolve) => backend.close(resolve));
});

const services = "/api/v1/namespaces/default/services";
const pods = "/api/v1/namespaces/default/pods";

test("a request to a Service's proxy reaches what runs behind it, without the sender's credentials", async () => {
  const path = `${services}/web:80/proxy`;
  const headers = { authorization: "Basic c2VjcmV0", "content-type": "text/plain" };
  const answer = await server.call("POST", `${path}/a/b?c=d`, { body: "text", headers });
  expect(answer.text).toBe(`POST /a/b?c=d ${path}/a/b?c=d none text`);
  expect((await server.call("GET", `${services}/http:web:80/proxy/`)).text).toStartWith("GET / ");
  const moved = await server.fetch("GET", path);
  expect([moved.status, moved.headers.get("location")]).toEqual([301, `${path}/`]);
  const within = await server.fetch("GET", `${path}/moved`);
  expect([within.status, within.headers.get("location")]).toEqual([302, `${path}/there`]);
});

test("cookies pass both ways, so that one can log in to a page", async () => {
  const headers = { cookie: "a=0; c=3", authorization: "Bearer secret" };
  const page = await server.call("GET", `${services}/web:80/proxy/login`, { headers, as: admin });
  expect(page.text).toContain("<p>a=0; c=3 undefined</p>");
  expect(page.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2; HttpOnly"]);
});

test("a request to a Pod's proxy goes to its first port, or the one that is named", async () => {
  const containers = [{ name: "main", image: "web", ports: [{ containerPort: port }] }];
  const body = { metadata: { name: "web" }, spec: { containers, nodeName: "box-1" } };
  expect((await server.call("POST", pods, { body })).status).toBe(201);
  const patch = { body: { status: { podIP: "10.42.0.9", podIPs: [{ ip: "10.42.0.9" }] } } };
  const headers = { "content-type": "application/merge-patch+json" };
  expect((await server.call("PATCH", `${pods}/web/status`, { ...patch, headers })).status).toBe(200);
  expect((await server.call("GET", `${pods}/web/proxy/x`)).text).toStartWith("GET /x ");
  expect((await server.call("GET", `${pods}/web:${port}/proxy/y`)).text).toStartWith("GET /y ");
  const refused = await server.call("GET", `${pods}/web:1/proxy/`);
  expect([refused.status, refused.body.message]).toEqual([
    503,
    expect.stringContaining("error trying to reach service: "),
  ]);
  expect((await server.call("GET", `${pods}/web:no/proxy/`)).status).toBe(400);
});

test.each([
  [`${services}/none/proxy/`, 404, 'services "none" not found'],
  [`${services}/web:81/proxy/`, 503, 'no service port "81" found for service "web"'],
  [`${services}/ftp:web:80/proxy/`, 400, 'invalid service request "ftp:web:80"'],
])("GET %s is refused", async (path, code, message) => {
  const { status, body } = await server.call("GET", path);
  expect([status, body.message]).toEqual([code, message]);
});

test("a Service without a ready endpoint is told as such", async () => {
  const { service } = serviceObjects("empty", 80, port);
  await server.call("POST", services, { body: service });
  const { status, body } = await server.call("GET", `${services}/empty:80/proxy/`);
  expect([status, body.message]).toEqual([503, 'no endpoints available for service "empty"']);
});
