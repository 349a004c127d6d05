/** What kubectl makes of discovery and OpenAPI: explain, validation, diff, completion. */
import { describe, expect } from "bun:test";
import { existsSync } from "node:fs";
import { findKubectl } from "../../framework/kubectl.ts";
import { kubectlRig } from "./kubectl-rig.ts";

const installed = "/usr/bin/kubectl";
const clients: ReadonlyArray<readonly [string, string | undefined]> = [
  ["of 1.36", findKubectl("v36")],
  ["of the machine", existsSync(installed) ? installed : undefined],
];

const crontab = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "crontabs.stable.example.com" },
  spec: {
    group: "stable.example.com",
    scope: "Namespaced",
    names: { plural: "crontabs", singular: "crontab", kind: "CronTab", shortNames: ["ct"] },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: { cronSpec: { type: "string", description: "When it is due" } },
              },
            },
          },
        },
      },
    ],
  },
};

describe.each(clients)("kubectl %s", (_, path = "") => {
  const rig = kubectlRig("v36", { path, disabled: ["scheduler"] });
  const { kubectl, check, reason, prints: says } = rig;
  const manifest = (content: object): string => rig.manifest("manifest", content);

  check(`explains every field, by v3 and by v2${reason}`, async () => {
    const spec = await says("explain", "pod.spec", "--recursive");
    expect(spec).toContain("KIND:       Pod");
    expect(spec).toMatch(/ {2}containers\t<\[\]Container> -required-\n/);
    expect(spec).toContain("enum: Always, Never, OnFailure");
    expect(spec.split("\n").length).toBeGreaterThan(1000);
    expect(await says("explain", "deployment.spec.strategy.rollingUpdate.maxSurge")).toContain(
      "FIELD: maxSurge <IntOrString>",
    );
    const plain = await says("explain", "deployment", "--output", "plaintext-openapiv2");
    expect(plain).toContain("KIND:     Deployment\nVERSION:  apps/v1\n");
    expect(plain).toContain("Deployment enables declarative updates for Pods and ReplicaSets.");
  });

  check(`lists what there is as upstream does${reason}`, async () => {
    const wide = await says("api-resources", "-o", "wide", "--no-headers");
    const row = (name: string) =>
      wide
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.trim()
        .split(/\s+/);
    const verbs = "create,delete,deletecollection,get,list,patch,update,watch";
    expect(row("pods")).toEqual(["pods", "po", "v1", "true", "Pod", verbs, "all"]);
    expect(row("horizontalpodautoscalers")?.slice(1, 3)).toEqual(["hpa", "autoscaling/v2"]);
    expect((await says("api-versions")).split("\n")).toEqual(
      expect.arrayContaining(["apps/v1", "autoscaling/v1", "autoscaling/v2", "v1"]),
    );
    expect(await says("cluster-info")).toContain("Kubernetes control plane");
  });

  check(`validates, compares and completes${reason}`, async () => {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { a: "b" } };
    const wrong = await kubectl("create", "--validate=true", "-f", manifest({ ...object, foo: 1 }));
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('unknown field "foo"');
    await says("apply", "-f", manifest(object));
    const diff = await kubectl("diff", "-f", manifest({ ...object, data: { a: "c" } }));
    expect(diff.code).toBe(1);
    expect(diff.stdout).toContain("-  a: b\n+  a: c\n");
    expect(await says("__complete", "get", "configm")).toStartWith("configmaps\n");
    expect(await says("__complete", "get", "configmap", "")).toContain("a\n");
  });

  check(`explains custom resources as soon as they are there${reason}`, async () => {
    await says("create", "-f", manifest(crontab));
    await says("wait", "--for=condition=established", "crd/crontabs.stable.example.com", "--timeout=300s");
    expect(await says("explain", "crontab.spec.cronSpec")).toContain("When it is due");
    expect(await says("explain", "ct.spec", "--output", "plaintext-openapiv2")).toContain("When it is due");
    const body = {
      apiVersion: "stable.example.com/v1",
      kind: "CronTab",
      metadata: { name: "a" },
      spec: { x: 1 },
    };
    const wrong = await kubectl("create", "-f", manifest(body));
    expect(wrong.stderr).toContain('unknown field "spec.x"');
  });
});
