/** The real kubectl's rollouts with the controllers' own accounts and rights; the kubelet is played. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1ReplicationController } from "../../../supervisor/api/generated/types.ts";
import { type CommandResult, run } from "../../framework/cluster.ts";
import { findKubectl } from "../../framework/kubectl.ts";
import { playPods } from "../../framework/pod-players.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";
import { waitUntil } from "../../framework/wait-until.ts";

const path = findKubectl("v36") ?? "";
const isThere = path !== "";
const check = isThere ? test : test.skip;
const reason = isThere ? "" : " (dist/test-tools has no kubectl v36: run ./install.sh test-tools)";

describe("kubectl rollout", () => {
  const folder = mkdtempSync(join(tmpdir(), "pacific-rollout-"));
  const stop = new AbortController();
  let supervisor: TestSupervisor;
  let playing: Promise<void> = Promise.resolve();

  beforeAll(async () => {
    if (!isThere) return;
    supervisor = await startTestSupervisor({ disabled: ["scheduler"] });
    playing = playPods(supervisor.admin, stop.signal);
    await waitUntil(async () => (await kubectl("get", "serviceaccount", "default")).code === 0);
  });
  afterAll(async () => {
    stop.abort();
    await playing;
    if (isThere) await supervisor.stop();
    rmSync(folder, { recursive: true });
  });

  const kubectl = (...args: string[]): Promise<CommandResult> =>
    run([path, "--kubeconfig", supervisor.kubeconfigPath, "--cache-dir", join(folder, "cache"), ...args]);

  const says = async (...args: string[]): Promise<string> => {
    const result = await kubectl(...args);
    expect(result).toMatchObject({ code: 0 });
    return result.stdout;
  };

  const rolledOut = async (): Promise<void> => {
    expect(await says("rollout", "status", "deployment/web", "--timeout=300s")).toEndWith(
      'deployment "web" successfully rolled out\n',
    );
  };
  const images = () =>
    says("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.containers[0].image}");
  /** Of all revisions that are kept. */
  const revisions = async (): Promise<readonly string[]> => {
    const lines = (await says("rollout", "history", "deployment/web")).trim().split("\n").slice(2);
    return lines.map((line) => line.split(/\s+/)[0] ?? "");
  };

  check(`follows a rollout, another one, and the way back${reason}`, async () => {
    await says("create", "deployment", "web", "--image=one", "--replicas=3");
    await rolledOut();
    await says("set", "image", "deployment/web", "one=two");
    await rolledOut();
    await waitUntil(async () => (await images()) === "two two two");
    expect(await revisions()).toEqual(["1", "2"]);
    expect(await says("rollout", "history", "deployment/web", "--revision=1")).toMatch(/Image:\s+one\n/);
    expect(await says("rollout", "undo", "deployment/web")).toBe("deployment.apps/web rolled back\n");
    await rolledOut();
    await waitUntil(async () => (await images()) === "one one one");
    expect(await revisions()).toEqual(["2", "3"]);
  });

  check(`pauses, resumes, restarts and scales${reason}`, async () => {
    await says("rollout", "pause", "deployment/web");
    await says("set", "image", "deployment/web", "one=three");
    await says("scale", "deployment/web", "--replicas=4");
    await waitUntil(async () => (await images()) === "one one one one");
    const paused = await kubectl("rollout", "undo", "deployment/web");
    expect(paused.stderr).toContain("you cannot rollback a paused deployment");
    await says("rollout", "resume", "deployment/web");
    await rolledOut();
    await waitUntil(async () => (await images()) === "three three three three");
    await says("rollout", "restart", "deployment/web");
    await rolledOut();
    expect(await revisions()).toEqual(["2", "3", "4", "5"]);
    expect(await says("get", "deployment", "web", "--no-headers")).toMatch(/^web +4\/4 +4 +4 /);
    const described = await says("describe", "deployment", "web");
    expect(described).toMatch(/Progressing +True +NewReplicaSetAvailable/);
    expect(described).toMatch(
      /Normal +ScalingReplicaSet .* deployment-controller +Scaled up replica set web-/,
    );
  });

  check(`deletes a Deployment with all that it made${reason}`, async () => {
    await says("delete", "deployment", "web", "--cascade=foreground", "--timeout=300s");
    expect(await says("get", "deployments,replicasets,pods", "-l", "app=web")).toBe("");
  });

  check(`has a ReplicationController's Pods${reason}`, async () => {
    const controllers = supervisor.admin.resource<V1ReplicationController>(
      { group: "", version: "v1", resource: "replicationcontrollers" },
      "default",
    );
    const template = {
      metadata: { labels: { app: "old" } },
      spec: { containers: [{ name: "c", image: "i" }] },
    };
    await controllers.create({ metadata: { name: "old" }, spec: { replicas: 2, template } });
    await waitUntil(async () => (await controllers.get("old")).status?.availableReplicas === 2);
    await says("scale", "rc/old", "--replicas=1");
    await waitUntil(async () => (await controllers.get("old")).status?.replicas === 1);
    await says("delete", "rc", "old", "--cascade=orphan");
    // The other one may still be on its way out.
    await waitUntil(async () => {
      const names = await says("get", "pods", "-l", "app=old", "-o", "jsonpath={.items[*].metadata.name}");
      return /^old-\w+$/.test(names);
    });
  });
});
