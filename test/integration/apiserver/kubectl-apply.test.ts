/** Who owns which field, as the real kubectl shows it and argues about it. */
import { describe, expect } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ManagedFieldsEntry } from "../../../supervisor/apimachinery/object-meta.ts";
import { run } from "../../framework/cluster.ts";
import { kubectlRig } from "./kubectl-rig.ts";

function deployment(name: string, replicas?: number): object {
  const labels = { app: name };
  const container = { name: "web", image: "nginx:1.25", ports: [{ containerPort: 80 }] };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  const spec = {
    ...(replicas === undefined ? {} : { replicas }),
    selector: { matchLabels: labels },
    template,
  };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec };
}

describe("kubectl apply", () => {
  const { folder, path, supervisor, kubectl, check, reason, says, manifest } = kubectlRig("v36");

  const managers = async (what: string): Promise<readonly ManagedFieldsEntry[]> => {
    const object = JSON.parse(await says("get", what, "-o", "json", "--show-managed-fields"));
    return object.metadata.managedFields ?? [];
  };

  /** `kubectl Apply`, `kubectl-edit Update`, `kubectl Update scale`. */
  const owners = async (what: string, field: string): Promise<readonly string[]> =>
    (await managers(what))
      .filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes(`"f:${field}"`))
      .map(({ manager, operation, subresource = "" }) => `${manager} ${operation} ${subresource}`.trim())
      .sort();

  check(
    `--server-side creates, changes nothing the second time, and shows its managers${reason}`,
    async () => {
      const file = manifest("web", deployment("web", 1));
      expect(await says("apply", "--server-side", "-f", file)).toBe(
        "deployment.apps/web serverside-applied\n",
      );
      const before = await says("get", "deployment/web", "-o", "jsonpath={.metadata.resourceVersion}");
      await says("apply", "--server-side", "-f", file);
      expect(await says("get", "deployment/web", "-o", "jsonpath={.metadata.resourceVersion}")).toBe(before);
      expect(await says("get", "deployment/web", "-o", "yaml")).not.toContain("managedFields");
      expect(await says("get", "deployment/web", "-o", "yaml", "--show-managed-fields")).toContain(
        "f:replicas: {}",
      );
      expect(await owners("deployment/web", "replicas")).toEqual(["kubectl Apply"]);
      expect(await kubectl("diff", "--server-side", "-f", file)).toMatchObject({ code: 0, stdout: "" });
      const changed = manifest("web-3", deployment("web", 3));
      const difference = await kubectl("diff", "--server-side", "-f", changed);
      expect(difference.code).toBe(1);
      expect(difference.stdout).toContain("+  replicas: 3");
    },
  );

  check(`a conflict is refused in upstream's words, and --force-conflicts settles it${reason}`, async () => {
    await says("create", "deployment", "owned", "--image=nginx:1.25");
    const file = manifest("owned", deployment("owned", 5));
    const refused = await kubectl("apply", "--server-side", "-f", file);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'error: Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1: .spec.replicas\n',
    );
    expect(refused.stderr).toContain("Please review the fields above--they currently have other managers.");
    await says("apply", "--server-side", "--force-conflicts", "-f", file);
    expect(await owners("deployment/owned", "replicas")).toEqual(["kubectl Apply"]);
  });

  check(`a field that is applied no more is removed, or left to who has it too${reason}`, async () => {
    const given = (data: object) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "cm" }, data });
    await says("apply", "--server-side", "-f", manifest("cm", given({ a: "1", b: "2", c: "3" })));
    await says("apply", "--server-side", "--field-manager=other", "-f", manifest("cm-o", given({ b: "2" })));
    await says("apply", "--server-side", "-f", manifest("cm", given({ c: "3" })));
    expect(JSON.parse(await says("get", "cm", "cm", "-o", "jsonpath={.data}"))).toEqual({ b: "2", c: "3" });
  });

  check(`label, annotate, edit, scale, set image: each by the name of its manager${reason}`, async () => {
    await says("apply", "--server-side", "-f", manifest("many", deployment("many", 1)));
    await says("label", "deployment/many", "tier=front");
    expect(await owners("deployment/many", "tier")).toEqual(["kubectl-label Update"]);
    await says("annotate", "deployment/many", "note=x");
    expect(await owners("deployment/many", "note")).toEqual(["kubectl-annotate Update"]);
    await says("scale", "deployment/many", "--replicas=4");
    expect(await owners("deployment/many", "replicas")).toEqual(["kubectl Update scale"]);
    const editor = join(folder, "editor");
    writeFileSync(
      editor,
      '#!/bin/sh\nsed -i "s/minReadySeconds: .*//; s/^spec:/spec:\\n  minReadySeconds: 7/" "$1"\n',
    );
    chmodSync(editor, 0o755);
    const edited = await run([
      ...["env", `KUBE_EDITOR=${editor}`, path, "--kubeconfig", supervisor().kubeconfigPath],
      ...["edit", "deployment/many"],
    ]);
    expect(edited.stdout).toContain("edited");
    expect(await owners("deployment/many", "minReadySeconds")).toEqual(["kubectl-edit Update"]);
    await says("set", "image", "deployment/many", "web=nginx:1.26");
    expect(await owners("deployment/many", "image")).toEqual(["kubectl-set Update"]);
    const conflict = await kubectl("apply", "--server-side", "-f", manifest("many-2", deployment("many", 2)));
    expect(conflict.stderr).toContain(
      'error: Apply failed with 2 conflicts: conflicts with "kubectl" with subresource "scale" using apps/v1:\n- .spec.replicas\nconflicts with "kubectl-set" using apps/v1:\n- .spec.template.spec.containers[name="web"].image\n',
    );
  });

  check(`takes over what client-side apply has made${reason}`, async () => {
    await says("apply", "-f", manifest("moved", deployment("moved", 1)));
    expect(await owners("deployment/moved", "replicas")).toEqual(["kubectl-client-side-apply Update"]);
    await says("apply", "--server-side", "-f", manifest("moved-2", deployment("moved", 2)));
    expect(await owners("deployment/moved", "replicas")).toEqual(["kubectl Apply"]);
    const annotation =
      "jsonpath={.metadata.annotations.kubectl\\.kubernetes\\.io/last-applied-configuration}";
    expect(await says("get", "deployment/moved", "-o", annotation)).toContain('"replicas":2');
    await says("apply", "-f", manifest("moved-3", deployment("moved", 3)));
  });

  check(`says what is wrong with an applied configuration${reason}`, async () => {
    const bad = { ...deployment("bad"), nope: 1 };
    const refused = await kubectl("apply", "--server-side", "--validate=false", "-f", manifest("bad", bad));
    expect(refused.stderr).toContain(
      "failed to create typed patch object (default/bad; apps/v1, Kind=Deployment): .nope: field not declared in schema",
    );
    const dry = await says(
      "apply",
      "--server-side",
      "--dry-run=server",
      "-f",
      manifest("d", deployment("dry")),
    );
    expect(dry).toBe("deployment.apps/dry serverside-applied (server dry run)\n");
    expect((await kubectl("get", "deployment/dry")).code).toBe(1);
  });
});
