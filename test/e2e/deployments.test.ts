/** A Deployment on a host: needs root, QEMU and dist/ (./install.sh build). */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { V1PodList } from "../../supervisor/api/generated/types.ts";
import { Cluster, root } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { podMachinesOf } from "../framework/host-processes.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

requirePrivateNetwork("e2e-deployments");
const cluster = new Cluster(16451);

beforeAll(async () => {
  await cluster.start();
  await cluster.addHost("box-1");
  await cluster.importImage("box-1", join(root, "dist/images/demo.tar"));
});

afterAll(() => cluster.remove());

async function says(...args: readonly string[]): Promise<string> {
  const result = await cluster.kubectl(...args);
  expect(result).toMatchObject({ code: 0 });
  return result.stdout;
}

/** Waits for the rollout's end; returns the names of the Pods that are there then. */
async function rolledOut(): Promise<readonly string[]> {
  await says("rollout", "status", "deployment/greeter", "--timeout=300s");
  return await eventually("only the Deployment's Pods are there", 30_000, async () => {
    const { items }: V1PodList = JSON.parse(await says("get", "pods", "-l", "app=greeter", "-o", "json"));
    const wanted = await says("get", "deployment/greeter", "-o", "jsonpath={.spec.replicas}");
    return items.length === Number(wanted) && items.map(({ metadata }) => metadata?.name ?? "");
  });
}

describe("examples/deployment.yaml", () => {
  test("has its Pods in machines of their own", async () => {
    await says("apply", "-f", join(root, "examples/deployment.yaml"));
    const pods = await rolledOut();
    expect(pods).toHaveLength(2);
    expect(podMachinesOf(cluster.hostFolder("box-1")).length).toBeGreaterThanOrEqual(2);
    for (const pod of pods) expect(await says("exec", pod, "--", "hostname")).toBe(`${pod}\n`);
  });

  test("makes a Pod anew that goes, and more of them when it is scaled", async () => {
    const [first = ""] = await rolledOut();
    await says("delete", "pod", first);
    expect(await rolledOut()).not.toContain(first);
    await says("scale", "deployment/greeter", "--replicas=3");
    expect(await rolledOut()).toHaveLength(3);
  });

  test("rolls another template out, and back", async () => {
    const before = await rolledOut();
    await says("set", "env", "deployment/greeter", "COLOUR=blue");
    const after = await rolledOut();
    expect(after.filter((name) => before.includes(name))).toEqual([]);
    expect(await says("exec", after[0] ?? "", "--", "sh", "-c", "echo $COLOUR")).toBe("blue\n");
    await says("rollout", "undo", "deployment/greeter");
    const [back = ""] = await rolledOut();
    expect(await says("exec", back, "--", "sh", "-c", "echo $COLOUR")).toBe("\n");
  });

  test("leaves nothing when it is deleted", async () => {
    await says(
      "delete",
      "-f",
      join(root, "examples/deployment.yaml"),
      "--cascade=foreground",
      "--timeout=300s",
    );
    expect(await says("get", "deployments,replicasets,pods")).toBe("");
    await eventually(
      "the machines are gone",
      20_000,
      () => podMachinesOf(cluster.hostFolder("box-1")).length === 0,
    );
  });
});
