/** The real kubectl with a resource that a definition made: what it knows and does without having been told. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, root, run } from "../../framework/cluster.ts";
import { findKubectl } from "../../framework/kubectl.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";

const manifests = join(root, "examples/mongodb-operator/manifests");

describe.each(["v36", "v35", "v34"])("kubectl %s and custom resources", (version) => {
  const path = findKubectl(version);
  const check = path === undefined ? test.skip : test;
  const reason = path === undefined ? ` (no kubectl ${version}: run ./install.sh test-tools)` : "";
  const folder = mkdtempSync(join(tmpdir(), "pacific-kubectl-"));
  let supervisor: TestSupervisor;

  beforeAll(async () => {
    if (path !== undefined)
      supervisor = await startTestSupervisor({ disabled: ["scheduler", "controllers"] });
  });

  afterAll(async () => {
    if (path !== undefined) await supervisor.stop();
    rmSync(folder, { recursive: true });
  });

  const kubectl = (...args: string[]): Promise<CommandResult> =>
    run([
      path ?? "",
      "--kubeconfig",
      supervisor.kubeconfigPath,
      "--cache-dir",
      join(folder, "cache"),
      ...args,
    ]);

  const says = async (...args: string[]): Promise<string> => {
    const result = await kubectl(...args);
    expect(result).toMatchObject({ code: 0, stderr: "" });
    return result.stdout;
  };

  check(`learns a resource from its definition, and shows it in its columns${reason}`, async () => {
    await says("apply", "-f", join(manifests, "crd.yaml"));
    const name = "crd/mongodbs.databases.example.com";
    expect(await says("wait", "--for=condition=Established", name)).toContain("condition met");
    await says("apply", "-f", join(manifests, "mongodb.yaml"));
    expect(await says("get", "mdb")).toMatch(
      /^NAME\s+VERSION\s+MEMBERS\s+READY\s+PHASE\s+AGE\nshop\s+8\.0\s+3\s/,
    );
    expect(await says("get", "all")).toContain("mongodb.databases.example.com/shop");
    expect(await says("explain", "mongodb.spec.replicas")).toContain("How many members the replica set has.");
    expect(await says("api-resources", "--api-group=databases.example.com")).toMatch(/mongodbs\s+mdb\s/);
    expect(await says("get", "mdb", "--field-selector=spec.version=7.0", "-o", "name")).toBe("");
  });

  check(`scales, applies, argues and is refused as with built-in resources${reason}`, async () => {
    expect(await says("scale", "mdb/shop", "--replicas=5")).toContain("scaled");
    const even = await kubectl("scale", "mdb/shop", "--replicas=4");
    expect(even.stderr).toContain("spec.replicas: Invalid value: 4: an even number of members");
    const file = join(manifests, "mongodb.yaml");
    const diff = await kubectl("diff", "-f", file);
    expect(diff).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("-  replicas: 5\n+  replicas: 3"),
    });
    const apply = ["apply", "--server-side", "-f", file];
    expect((await kubectl(...apply)).stderr).toContain('conflict with "kubectl" with subresource "scale"');
    expect(await says(...apply, "--force-conflicts")).toContain("serverside-applied");
    const unknown = await kubectl("patch", "mdb", "shop", "--type=merge", "-p", '{"spec":{"more":1}}');
    expect(unknown.stderr).toContain('Warning: unknown field "spec.more"');
    const strategic = await kubectl("patch", "mdb", "shop", "--type=strategic", "-p", "{}");
    expect(strategic.code).toBe(1);
    await says("delete", "-f", join(manifests, "crd.yaml"));
    expect((await kubectl("get", "mdb")).stderr).toMatch(
      /could not find the requested resource|doesn't have a resource type/,
    );
  });
});
