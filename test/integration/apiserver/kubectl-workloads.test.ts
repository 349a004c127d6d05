/** The real kubectl with workloads and with what a Pod can be asked besides being there. */
import { describe, expect } from "bun:test";
import { kubectlRig } from "./kubectl-rig.ts";

const resources = { requests: { cpu: "100m", memory: "64Mi" } };
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "guarded", labels: { app: "guarded" } },
  spec: { nodeName: "n1", containers: [{ name: "main", image: "nginx:1.25", resources }] },
};
const isReady = {
  status: {
    phase: "Running",
    conditions: [{ type: "Ready", status: "True" }],
    containerStatuses: [
      {
        name: "main",
        image: "nginx:1.25",
        imageID: "",
        ready: true,
        restartCount: 0,
        state: { running: {} },
      },
    ],
  },
};
const budget = {
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "guard" },
  spec: { minAvailable: 1, selector: { matchLabels: { app: "guarded" } } },
};

describe("kubectl with workloads", () => {
  const { kubectl, check, reason, manifest, prints: says } = kubectlRig("v36");

  const apply = (name: string, content: object): Promise<string> =>
    says("apply", "-f", manifest(name, content));

  check(`creates workloads and shows their tables${reason}`, async () => {
    await says("create", "deployment", "web", "--image=nginx", "--replicas=2");
    await says("create", "job", "once", "--image=busybox", "--", "true");
    await says("create", "cronjob", "often", "--image=busybox", "--schedule=*/5 * * * *", "--", "true");
    expect(await says("get", "deployment", "web", "--no-headers", "-o", "wide")).toMatch(
      /^web +0\/2 +0 +0 +\S+ +nginx +nginx +app=web\n$/,
    );
    expect(await says("get", "job", "once", "--no-headers")).toMatch(/^once +Running +0\/1 +\d+s\n$/);
    expect(await says("get", "cronjob", "often", "--no-headers")).toMatch(
      /^often +\*\/5 \* \* \* \* +<none> +False +0 +<none> +\S+\n$/,
    );
    const bad = await kubectl("create", "cronjob", "bad", "--image=busybox", "--schedule=whenever");
    expect(bad.stderr).toContain('spec.schedule: Invalid value: "whenever"');
  });

  check(`scales, if as many are there as was believed${reason}`, async () => {
    const replicas = (): Promise<string> => says("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}");
    expect(await says("scale", "deployment/web", "--replicas=5")).toBe("deployment.apps/web scaled\n");
    expect(await replicas()).toBe("5");
    const wrong = await kubectl("scale", "deployment/web", "--current-replicas=2", "--replicas=1");
    expect(wrong.stderr).toContain("Expected replicas to be 2, was 5");
    await says(
      "patch",
      "deploy",
      "web",
      "--subresource=scale",
      "--type=merge",
      "-p",
      '{"spec":{"replicas":3}}',
    );
    expect(await replicas()).toBe("3");
    const scale = JSON.parse(await says("get", "deploy", "web", "--subresource=scale", "-o", "json"));
    expect(scale).toMatchObject({
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      spec: { replicas: 3 },
      status: { replicas: 0, selector: "app=web" },
    });
  });

  check(`autoscales, in both versions${reason}`, async () => {
    await says("autoscale", "deployment", "web", "--min=2", "--max=4", "--cpu=70%");
    const of = async (version: string): Promise<{ spec: object }> =>
      JSON.parse(await says("get", `horizontalpodautoscalers.${version}.autoscaling`, "web", "-o", "json"));
    expect((await of("v1")).spec).toMatchObject({ minReplicas: 2, targetCPUUtilizationPercentage: 70 });
    const target = { type: "Utilization", averageUtilization: 70 };
    expect((await of("v2")).spec).toMatchObject({
      metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
    });
  });

  check(`debugs and resizes a Pod${reason}`, async () => {
    await apply("node", { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } });
    await apply("pod", pod);
    await says("debug", "guarded", "--image=busybox", "-c", "look", "--attach=false", "--profile=general");
    expect(await says("get", "pod", "guarded", "-o", "jsonpath={.spec.ephemeralContainers[*].name}")).toBe(
      "look",
    );
    const more = '{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"200m"}}}]}}';
    const direct = await kubectl("patch", "pod", "guarded", "-p", more);
    expect(direct.stderr).toContain("pod updates may not change fields other than");
    await says("patch", "pod", "guarded", "--subresource=resize", "-p", more);
    const requests = "jsonpath={.spec.containers[0].resources.requests}";
    expect(await says("get", "pod", "guarded", "-o", requests)).toBe('{"cpu":"200m","memory":"64Mi"}');
  });

  check(`drains a node only as its budgets allow${reason}`, async () => {
    await says("patch", "pod", "guarded", "--subresource=status", "-p", JSON.stringify(isReady));
    await apply("budget", budget);
    const allow = (disruptionsAllowed: number): Promise<string> => {
      const counts = { currentHealthy: 1, desiredHealthy: 1 - disruptionsAllowed, expectedPods: 1 };
      const status = { observedGeneration: 1, disruptionsAllowed, ...counts };
      return says(
        "patch",
        "pdb",
        "guard",
        "--subresource=status",
        "--type=merge",
        "-p",
        JSON.stringify({ status }),
      );
    };
    await allow(0);
    // What `kubectl drain` sends; it would try again only after five seconds.
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "guarded" } };
    const file = manifest("eviction", eviction);
    const address = "/api/v1/namespaces/default/pods/guarded/eviction";
    const refused = await kubectl("create", "--raw", address, "-f", file);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget.");
    expect(await says("get", "pod", "guarded", "-o", "name")).toBe("pod/guarded\n");
    await allow(1);
    expect(await says("drain", "n1", "--force", "--grace-period=0")).toContain("node/n1 drained");
    expect((await kubectl("get", "pod", "guarded")).stderr).toContain('pods "guarded" not found');
    expect(await says("get", "pdb", "guard", "-o", "jsonpath={.status.disruptionsAllowed}")).toBe("0");
  });
});
