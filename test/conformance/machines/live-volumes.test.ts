/** Volumes that follow what they show while containers run. One Pod has a volume for each test. */
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { V1Volume } from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { MachineCluster, useMachines } from "../support/machine-cluster.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const machines = useMachines(import.meta.path);
const podName = "follows";
const timeoutMs = 120_000;
/** Each test has objects of its own: `configmap`, `secret`, and the same projected. */
const families = ["configmap", "secret", "projected-configmap", "projected-secret"] as const;
const kinds = ["plain", "deleted", "updated", "created"] as const;
type Family = (typeof families)[number];
let namespace = "";

function volumeOf(family: Family, kind: (typeof kinds)[number]): V1Volume {
  const name = `${family}-${kind}`;
  const optional = kind !== "plain";
  switch (family) {
    case "configmap":
      return { name, configMap: { name, optional } };
    case "secret":
      return { name, secret: { secretName: name, optional } };
    case "projected-configmap":
      return { name, projected: { sources: [{ configMap: { name, optional } }] } };
    case "projected-secret":
      return { name, projected: { sources: [{ secret: { name, optional } }] } };
  }
}

function collection(family: Family): string {
  return `/api/v1/namespaces/${namespace}/${family.endsWith("configmap") ? "configmaps" : "secrets"}`;
}

function content(family: Family, text: string): object {
  return family.endsWith("configmap") ? { "data-1": text } : { "data-1": btoa(text) };
}

function create(family: Family, kind: string): Promise<unknown> {
  const object = { metadata: { name: `${family}-${kind}` }, data: content(family, "value-1") };
  return machines.api.create(collection(family), object);
}

async function update(family: Family, kind: string): Promise<void> {
  await patch(`${collection(family)}/${family}-${kind}`, { data: content(family, "value-2") });
}

async function patch(path: string, body: object): Promise<void> {
  const headers = { "content-type": "application/merge-patch+json" };
  const answer = await machines.api.call("PATCH", path, { body, headers });
  expect(answer.status).toBe(200);
}

/** Waits until a file of the Pod's volume holds the text, or is gone. */
async function holds(path: string, text: string | undefined): Promise<void> {
  await eventually(`${path} holds ${text}`, timeoutMs, async () => {
    const read = ["sh", "-c", `test -e /etc/${path} && cat /etc/${path} || echo gone`];
    return (await machines.exec(namespace, podName, ...read)).trim() === (text ?? "gone");
  });
}

beforeAll(async () => {
  namespace = await machines.namespace();
  for (const family of families) {
    for (const kind of ["plain", "deleted", "updated"] as const) await create(family, kind);
  }
  const items = ["labels", "annotations"].map((path) => ({
    ...{ path, fieldRef: { fieldPath: `metadata.${path}` } },
  }));
  const volumes: V1Volume[] = [
    ...families.flatMap((family) => kinds.map((kind) => volumeOf(family, kind))),
    { name: "downward", downwardAPI: { items } },
    { name: "projected-downward", projected: { sources: [{ downwardAPI: { items } }] } },
  ];
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/etc/${name}` }));
  const command = ["sh", "-c", "while :; do sleep 1; done"];
  const containers = [{ name: "main", image: MachineCluster.image, command, volumeMounts }];
  const metadata = { labels: { key1: "value1" }, annotations: { builder: "bar" } };
  await machines.create(namespace, podName, { containers, volumes }, metadata);
  await machines.ready(namespace, podName);
});

function conformanceTest(title: string, run: () => Promise<void>): void {
  test(title, run);
}

async function updates(family: Family): Promise<void> {
  await holds(`${family}-plain/data-1`, "value-1");
  await update(family, "plain");
  await holds(`${family}-plain/data-1`, "value-2");
}

async function optionalUpdates(family: Family): Promise<void> {
  await holds(`${family}-created/data-1`, undefined);
  await machines.api.call("DELETE", `${collection(family)}/${family}-deleted`);
  await update(family, "updated");
  await create(family, "created");
  await holds(`${family}-deleted/data-1`, undefined);
  await holds(`${family}-updated/data-1`, "value-2");
  await holds(`${family}-created/data-1`, "value-1");
}

async function metadataUpdates(
  field: "labels" | "annotations",
  volume: string,
  value: string,
): Promise<void> {
  await patch(`/api/v1/namespaces/${namespace}/pods/${podName}`, { metadata: { [field]: { added: value } } });
  await eventually(`${volume} shows ${value}`, timeoutMs, async () =>
    (await machines.exec(namespace, podName, "cat", `/etc/${volume}/${field}`)).includes(`added="${value}"`),
  );
}

conformanceTest(
  "[sig-storage] ConfigMap updates should be reflected in volume [NodeConformance] [Conformance]",
  () => updates("configmap"),
);
conformanceTest(
  "[sig-storage] Projected configMap updates should be reflected in volume [NodeConformance] [Conformance]",
  () => updates("projected-configmap"),
);
conformanceTest(
  "[sig-storage] ConfigMap optional updates should be reflected in volume [NodeConformance] [Conformance]",
  () => optionalUpdates("configmap"),
);
conformanceTest(
  "[sig-storage] Secrets optional updates should be reflected in volume [NodeConformance] [Conformance]",
  () => optionalUpdates("secret"),
);
conformanceTest(
  "[sig-storage] Projected configMap optional updates should be reflected in volume [NodeConformance] [Conformance]",
  () => optionalUpdates("projected-configmap"),
);
conformanceTest(
  "[sig-storage] Projected secret optional updates should be reflected in volume [NodeConformance] [Conformance]",
  () => optionalUpdates("projected-secret"),
);
conformanceTest(
  "[sig-storage] Downward API volume should update labels on modification [NodeConformance] [Conformance]",
  () => metadataUpdates("labels", "downward", "value2"),
);
conformanceTest(
  "[sig-storage] Downward API volume should update annotations on modification [NodeConformance] [Conformance]",
  () => metadataUpdates("annotations", "downward", "foo"),
);
conformanceTest(
  "[sig-storage] Projected downwardAPI should update labels on modification [NodeConformance] [Conformance]",
  () => metadataUpdates("labels", "projected-downward", "value3"),
);
conformanceTest(
  "[sig-storage] Projected downwardAPI should update annotations on modification [NodeConformance] [Conformance]",
  () => metadataUpdates("annotations", "projected-downward", "bar"),
);
