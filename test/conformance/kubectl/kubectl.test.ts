import { expect } from "bun:test";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { useCluster } from "../support/cluster.ts";
import { kubectlTest } from "../support/conformance-test.ts";

const cluster = useCluster();
const image = "registry.example.com/httpd:2.4";
const otherImage = "registry.example.com/busybox:1.36";

kubectlTest(
  "[sig-cli] Kubectl client Kubectl api-versions should check if v1 is in available api versions [Conformance]",
  async () => {
    expect((await cluster.says("api-versions")).split("\n")).toContain("v1");
  },
);

kubectlTest(
  "[sig-cli] Kubectl client Kubectl version should check is all data is printed [Conformance]",
  async () => {
    const version = await cluster.says("version");
    expect(version).toMatch(/^Client Version: v1\.36\./m);
    expect(version).toMatch(/^Server Version: v1\.36\./m);
    const { serverVersion } = JSON.parse(await cluster.says("version", "-o", "json"));
    expect(serverVersion).toMatchObject({
      major: "1",
      minor: "36",
      platform: expect.stringMatching(/^linux\//),
    });
    expect(serverVersion.gitVersion).toMatch(/^v1\.36\./);
  },
);

kubectlTest(
  "[sig-cli] Kubectl client Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info [Conformance]",
  async () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: kubectl colours its output
    const plain = (await cluster.says("cluster-info")).replace(/\x1b\[[\d;]*m/g, "");
    expect(plain).toStartWith(`Kubernetes control plane is running at ${cluster.server.server}\n`);
  },
);

kubectlTest(
  "[sig-cli] Kubectl client Kubectl run pod should create a pod from an image when restart is Never [Conformance]",
  async () => {
    const namespace = await cluster.namespace("run");
    await cluster.says("run", "httpd", "-n", namespace, "--restart=Never", `--image=${image}`);
    const { spec } = await cluster.api.get<V1Pod>(`/api/v1/namespaces/${namespace}/pods/httpd`);
    expect(spec?.restartPolicy).toBe("Never");
    expect(spec?.containers.map((container) => container.image)).toEqual([image]);
    await cluster.says("delete", "pod", "httpd", "-n", namespace, "--now");
  },
);

kubectlTest(
  "[sig-cli] Kubectl client Kubectl diff should check if kubectl diff finds a difference for Deployments [Conformance]",
  async () => {
    const namespace = await cluster.namespace("diff");
    const deployment = (wanted: string): object => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "httpd", namespace },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: "httpd" } },
        template: {
          metadata: { labels: { app: "httpd" } },
          spec: { containers: [{ name: "httpd", image: wanted, ports: [{ containerPort: 80 }] }] },
        },
      },
    });
    expect(await cluster.kubectlWith(deployment(image), "create", "-f", "-")).toMatchObject({ code: 0 });
    // What its controller writes meanwhile would be a difference too.
    await eventually("the Deployment is as it was made", 30_000, async () => {
      const same = await cluster.kubectlWith(deployment(image), "diff", "-f", "-");
      return same.code === 0 && same.stdout === "";
    });
    const { code, stdout } = await cluster.kubectlWith(deployment(otherImage), "diff", "-f", "-");
    expect(code).toBe(1);
    expect(stdout).toMatch(new RegExp(`^-\\s+- image: ${image}$`, "m"));
    expect(stdout).toMatch(new RegExp(`^\\+\\s+- image: ${otherImage}$`, "m"));
  },
);

kubectlTest(
  "[sig-cli] Kubectl client Kubectl server-side dry-run should check if kubectl can dry-run update Pods [Conformance]",
  async () => {
    const namespace = await cluster.namespace("dry-run");
    await cluster.says("run", "httpd", "-n", namespace, `--image=${image}`, "--labels=run=httpd");
    const patch = JSON.stringify({ spec: { containers: [{ name: "httpd", image: otherImage }] } });
    const flags = ["-n", namespace, "--dry-run=server", "-o", "jsonpath={.spec.containers[*].image}"];
    expect(await cluster.says("patch", "pod", "httpd", "-p", patch, ...flags)).toBe(otherImage);
    const { spec } = await cluster.api.get<V1Pod>(`/api/v1/namespaces/${namespace}/pods/httpd`);
    expect(spec?.containers.map((container) => container.image)).toEqual([image]);
  },
);
