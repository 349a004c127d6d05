/** Upgraded connections over real TLS, which are taken before the routing: who may not have one gets none. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import { systemClock } from "../../../supervisor/base/clock.ts";
import { tunnelPath, tunnelProtocol } from "../../../supervisor/base/tunnel-protocol.ts";
import { createToken } from "../../../supervisor/cli/bootstrap-tokens.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";

let supervisor: TestSupervisor;

beforeAll(async () => {
  supervisor = await startTestSupervisor({ disabled: ["scheduler", "controllers"] });
});

afterAll(() => supervisor.stop());

interface Caller {
  readonly cert?: string;
  readonly key?: string;
  readonly authorization?: string;
}

/** All that the server says to a request for an upgrade until it closes the connection. */
function ask(
  { authorization, ...certificate }: Caller,
  path = tunnelPath,
  upgrade: readonly string[] = [`Upgrade: ${tunnelProtocol}`],
): Promise<string> {
  const { hostname, port } = new URL(supervisor.url);
  const socket = connect({ host: hostname, port: Number(port), ca: supervisor.caPem, ...certificate });
  const lines = [
    ...[`GET ${path} HTTP/1.1`, "Host: supervisor", "Connection: Upgrade", ...upgrade],
    ...(authorization ? [`Authorization: ${authorization}`] : []),
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  return new Promise((resolve, reject) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
  });
}

test("nobody without a certificate opens a tunnel, whatever token they bring", async () => {
  const { caKeyHash } = supervisor;
  const token = await createToken(supervisor.admin, { ttlMs: 3600_000, caKeyHash, clock: systemClock });
  const bearer = `Bearer ${token.split(".").slice(0, 2).join(".")}`;
  for (const caller of [{}, { authorization: bearer }, { authorization: "Bearer nonsense" }]) {
    const answer = await ask(caller);
    expect(answer).toStartWith("HTTP/1.1 401 ");
    expect(answer).toContain('"reason":"Unauthorized"');
  }
});

test("not even an administrator opens a tunnel", async () => {
  const kubeconfig = readFileSync(supervisor.kubeconfigPath, "utf8");
  const part = (name: string): string =>
    Buffer.from(new RegExp(`${name}-data: (\\S+)`).exec(kubeconfig)?.[1] ?? "", "base64").toString();
  const answer = await ask({ cert: part("client-certificate"), key: part("client-key") });
  expect(answer).toStartWith("HTTP/1.1 403 ");
  expect(answer).toContain('User \\"system:admin\\" is not a node');
});

const upgrades = {
  WebSocket: [
    ...["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="],
    "Sec-WebSocket-Protocol: v5.channel.k8s.io",
  ],
  SPDY: ["Upgrade: SPDY/3.1", "X-Stream-Protocol-Version: v4.channel.k8s.io"],
};

test.each([
  ["exec?command=id&stdout=1", "WebSocket"],
  ["exec?command=id&stdout=1", "SPDY"],
  ["attach?stdout=1", "WebSocket"],
  ["portforward?ports=80", "SPDY"],
] as const)("a stranger gets no %s by %s", async (path, kind) => {
  const upgrade = upgrades[kind];
  const pod = "/api/v1/namespaces/default/pods/web";
  const anonymous = await ask({}, `${pod}/${path}`, upgrade);
  expect(anonymous).toStartWith("HTTP/1.1 403 ");
  expect(anonymous).toContain("system:anonymous");
  const strange = await ask({ authorization: "Bearer nonsense" }, `${pod}/${path}`, upgrade);
  expect(strange).toStartWith("HTTP/1.1 401 ");
});
