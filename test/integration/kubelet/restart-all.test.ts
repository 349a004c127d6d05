import { expect, test } from "bun:test";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { KubeletRig, statusOf } from "./kubelet-rig.ts";

const image = { image: "shop:1", imagePullPolicy: "IfNotPresent" };
const rule = { action: "RestartAllContainers", exitCodes: { operator: "In", values: [42] } };

async function startRig(): Promise<KubeletRig> {
  const rig = await KubeletRig.start();
  rig.images.add("shop:1");
  await rig.createPod("p", {
    restartPolicy: "Never",
    initContainers: [{ name: "init", ...image }],
    containers: [
      { name: "web", ...image },
      { name: "watch", ...image, restartPolicy: "Never", restartPolicyRules: [rule] },
    ],
  });
  await runs(rig, 0);
  return rig;
}

/** Lets the init container end and waits until the others run, restarted so often. */
async function runs(rig: KubeletRig, restarts: number): Promise<V1Pod> {
  await rig.untilPod("p", "init runs", (pod) => {
    const { restartCount, state } = statusOf(pod, "init");
    return restartCount === restarts && state?.running !== undefined;
  });
  rig.runtime.exit(rig.runtime.running("init").id, 0);
  return await rig.untilPod("p", "runs", (pod) =>
    ["web", "watch"].every(
      (name) => statusOf(pod, name).restartCount === restarts && statusOf(pod, name).ready,
    ),
  );
}

function conditionOf({ status }: V1Pod, type: string) {
  return status?.conditions?.find((condition) => condition.type === type)?.status;
}

test("all containers begin anew in the same machine when one ends as a rule says", async () => {
  await using rig = await startRig();
  rig.runtime.exit(rig.runtime.running("watch").id, 42);
  const pod = await runs(rig, 1);
  expect(rig.runtime.sandboxConfigs).toHaveLength(1);
  expect([
    pod.status?.phase,
    conditionOf(pod, "Initialized"),
    conditionOf(pod, "AllContainersRestarting"),
  ]).toEqual(["Running", "True", "False"]);
  expect(statusOf(pod, "watch").lastState?.terminated?.exitCode).toBe(42);
  expect(statusOf(pod, "web").lastState?.terminated).toBeDefined();
  expect(rig.runtime.stopTimeoutsMs).toEqual([0]);

  rig.runtime.exit(rig.runtime.running("watch").id, 42);
  await rig.untilPod("p", "watch has ended", (is) => statusOf(is, "watch").state?.terminated !== undefined);
  expect(rig.runtime.running("web").metadata.attempt).toBe(1);
  await rig.clock.advance(10_000);
  await runs(rig, 2);
});

test("a container that ends in another way ends its Pod as usual", async () => {
  await using rig = await startRig();
  for (const name of ["watch", "web"]) rig.runtime.exit(rig.runtime.running(name).id, 1);
  const pod = await rig.untilPod("p", "Failed", ({ status }) => status?.phase === "Failed");
  expect(conditionOf(pod, "AllContainersRestarting")).toBe("False");
});

test("the next daemon goes on with a restart of all", async () => {
  await using rig = await startRig();
  await rig.stopKubelet();
  rig.runtime.exit(rig.runtime.running("watch").id, 42);
  rig.startKubelet();
  const pod = await runs(rig, 1);
  expect(pod.status?.phase).toBe("Running");
});
