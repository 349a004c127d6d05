/** The JavaScript client of Kubernetes, as it comes from npm, against the supervisor and a real host. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClientStep } from "../framework/client-node-steps.ts";
import { Cluster, root, run } from "../framework/cluster.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

requirePrivateNetwork("e2e-client-node");
const folder = mkdtempSync(join(tmpdir(), "pacific-client-node-"));
const tokenFile = join(folder, "tokens.csv");
const token = "a-token-of-ten-words";
const cluster = new Cluster(16449, { supervisorFlags: ["--token-auth-file", tokenFile] });
const authority = join(cluster.folder, "supervisor/tls/ca.crt");
const kubeconfig = join(folder, "kubeconfig.json");

beforeAll(async () => {
  writeFileSync(tokenFile, `${token},developer,1,"system:masters"\n`);
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      ...{ apiVersion: "v1", kind: "Config", "current-context": "here" },
      clusters: [{ name: "here", cluster: { server: `https://127.0.0.1:${cluster.port}` } }],
      users: [{ name: "developer", user: { token } }],
      contexts: [{ name: "here", context: { cluster: "here", user: "developer" } }],
    }),
  );
  await cluster.start();
  await cluster.addHost("box-1");
  await cluster.importImage("box-1", join(root, "dist/images/demo.tar"));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await cluster.remove();
});

async function step(name: ClientStep): Promise<unknown> {
  const program = join(root, "test/framework/client-node-steps.ts");
  const done = await run([process.execPath, program, kubeconfig, name], {
    env: { NODE_EXTRA_CA_CERTS: authority },
  });
  expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(done.stdout);
}

describe("@kubernetes/client-node", () => {
  test("creates a Pod, and watch and informer follow it until it is ready", async () => {
    const seen = await step("create");
    expect(seen).toMatchObject({ nodeName: "box-1", hasDate: true });
    expect(seen).toMatchObject({
      watched: expect.arrayContaining(["ADDED Pending", "MODIFIED Pending", "MODIFIED Ready"]),
      informed: expect.arrayContaining(["add Pending", "update Pending", "update Ready"]),
    });
  });

  test("reads, lists by label, patches, and knows an error by its code and reason", async () => {
    expect(await step("read")).toEqual({
      podIP: expect.stringMatching(/^10\.42\./),
      listed: ["client"],
      labels: { app: "client", colour: "blue" },
      error: {
        code: 404,
        body: expect.objectContaining({ reason: "NotFound", message: 'pods "nobody" not found' }),
      },
    });
  });

  test("executes a command with input, output, errors and an exit code", async () => {
    const causes = [{ reason: "ExitCode", message: "3" }];
    expect(await step("exec")).toEqual({
      status: expect.objectContaining({
        status: "Failure",
        reason: "NonZeroExitCode",
        details: expect.objectContaining({ causes }),
      }),
      output: "got hello\n",
      errors: "oops\n",
    });
  });

  test("reads a log, once and following", async () => {
    expect(await step("log")).toEqual({ whole: "first line\n", followed: "first line\n" });
  });

  test("forwards a port", async () => {
    expect(await step("forward")).toEqual({ page: "page\n" });
  });

  test("deletes the Pod", async () => {
    expect(await step("remove")).toEqual({ left: 0 });
  });
});
