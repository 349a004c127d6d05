/** Commands that containers run, and what is left of them. */
import { expect } from "bun:test";
import { MachineCluster, useMachines } from "../support/machine-cluster.ts";
import { PodSeries } from "../support/pod-series.ts";

const machines = useMachines(import.meta.path);
const series = new PodSeries(machines);
const { image } = MachineCluster;

series.conformanceTest(
  "[sig-node] Kubelet when scheduling a busybox command in a pod should print the output to logs [NodeConformance] [Conformance]",
  (namespace) => {
    const containers = [{ name: "main", image, command: ["sh", "-c", "echo 'Hello World'; sleep 240"] }];
    return machines.create(namespace, "prints", { containers });
  },
  async (namespace) => {
    await machines.ready(namespace, "prints");
    await machines.logHas(namespace, "prints", "Hello World\n");
  },
);

series.conformanceTest(
  "[sig-node] Kubelet when scheduling a read only busybox container should not write to root filesystem [LinuxOnly] [NodeConformance] [Conformance]",
  (namespace) => {
    const command = ["sh", "-c", "echo text > /file; cat /file; sleep 240"];
    const securityContext = { readOnlyRootFilesystem: true, runAsUser: 0 };
    return machines.create(namespace, "reads", {
      containers: [{ name: "main", image, command, securityContext }],
    });
  },
  async (namespace) => {
    await machines.ready(namespace, "reads");
    await machines.logHas(namespace, "reads", "Read-only file system");
    expect(await machines.log(namespace, "reads")).not.toContain("text\n");
  },
);
