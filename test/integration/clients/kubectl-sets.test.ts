/** What kubectl does with many objects at once: kustomizations, pruning by labels and by sets, roles that are mended. */
import { expect, setDefaultTimeout } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kubectlRig } from "../apiserver/kubectl-rig.ts";

// Only for what hangs.
setDefaultTimeout(600_000);

const env = { KUBECTL_APPLYSET: "true" };
const { folder, check, reason, prints: kubectl } = kubectlRig("v36", { disabled: ["scheduler"], env });

function write(name: string, content: string): string {
  const file = join(folder, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const configMap = (name: string) =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, labels: { app: set } }\n`;

check(`a kustomization is applied again, and what its generator leaves is pruned${reason}`, async () => {
  const kustomization = (literal: string) =>
    write(
      "shop/kustomization.yaml",
      `namePrefix: shop-\nlabels: [{ pairs: { app: shop } }]\nresources: [service.yaml]\nconfigMapGenerator: [{ name: settings, literals: [${literal}] }]\n`,
    );
  kustomization("size=1");
  write(
    "shop/service.yaml",
    "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [{ port: 80 }] }\n",
  );
  const apply = ["apply", "-k", join(folder, "shop"), "--prune", "-l", "app=shop"];
  const allowed = ["--prune-allowlist", "core/v1/ConfigMap", "--prune-allowlist", "core/v1/Service"];
  expect(await kubectl(...apply, ...allowed)).toMatch(
    /^configmap\/shop-settings-\w+ created\nservice\/shop-web created\n$/,
  );
  expect(await kubectl(...apply, ...allowed)).toMatch(
    /^configmap\/\S+ unchanged\nservice\/shop-web unchanged\n$/,
  );
  kustomization("size=2");
  expect(await kubectl(...apply, ...allowed)).toMatch(
    /^configmap\/\S+ created\nservice\/shop-web unchanged\nconfigmap\/\S+ pruned\n$/,
  );
});

check(`what leaves an apply set is deleted, and the set knows its kinds${reason}`, async () => {
  const file = write("set.yaml", configMap("one") + configMap("two"));
  const apply = ["apply", "-n", "default", "-f", file, "--prune", "--applyset", "my-set"];
  expect(await kubectl(...apply)).toBe("configmap/one created\nconfigmap/two created\n");
  write("set.yaml", configMap("two"));
  expect(await kubectl(...apply)).toBe("configmap/two unchanged\nconfigmap/one pruned\n");
  const kinds = "jsonpath={.metadata.annotations.applyset\\.kubernetes\\.io/contains-group-kinds}";
  expect(await kubectl("get", "secret", "my-set", "-o", kinds)).toBe("ConfigMap");
});

check(`roles are mended by reconciling${reason}`, async () => {
  const role = (verbs: string) =>
    `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: { name: reader, namespace: default }\nrules: [{ apiGroups: [""], resources: [pods], verbs: [${verbs}] }]\n`;
  const reconcile = ["auth", "reconcile", "-f", write("role.yaml", role("get"))];
  expect(await kubectl(...reconcile)).toBe("role.rbac.authorization.k8s.io/reader reconciled\n");
  write("role.yaml", role("get, list"));
  await kubectl(...reconcile);
  const wanted = "jsonpath={.rules[*].verbs}";
  expect(await kubectl("get", "role", "reader", "-o", wanted)).toBe('["get"] ["list"]');
});
