import { expect, test } from "bun:test";
import { readStaticPod } from "./read-static-pod.ts";

const manifest = `
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec:
  containers: [{ name: main, image: "shop:1" }]
`;

test("readStaticPod names the Pod after its node and gives it a hash for its UID", () => {
  const { metadata, spec } = readStaticPod(manifest, "/pods/web.yaml", "box-1");
  const hash = metadata?.uid ?? "";
  expect(hash).toMatch(/^[0-9a-f]{32}$/);
  expect(metadata).toEqual({
    name: "web-box-1",
    namespace: "default",
    uid: hash,
    labels: { app: "web" },
    annotations: { "kubernetes.io/config.source": "file", "kubernetes.io/config.hash": hash },
  });
  expect(spec).toMatchObject({
    nodeName: "box-1",
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    tolerations: [{ operator: "Exists", effect: "NoExecute" }],
    containers: [{ name: "main", imagePullPolicy: "IfNotPresent" }],
  });
});

test("readStaticPod hashes node, file and manifest, and not how that is written", () => {
  const uid = (text: string, path = "/pods/web", node = "n") => readStaticPod(text, path, node).metadata?.uid;
  expect(uid(`# A remark\n${manifest}`)).toBe(uid(manifest));
  const others = [
    uid(manifest.replace("shop:1", "shop:2")),
    uid(manifest, "/pods/x"),
    uid(manifest, "/pods/web", "m"),
  ];
  expect(new Set([...others, uid(manifest)]).size).toBe(4);
});

const env = `env: [{ name: A, valueFrom: { secretKeyRef: { name: s, key: k } } }]`;
test.each([
  ["text", "Expected a Pod, found no object"],
  ["apiVersion: v1\nkind: Service", "Expected apiVersion v1 and kind Pod, found v1 Service"],
  [manifest.replace("name: web,", "name: We_b,"), "Invalid Pod: metadata.name: Invalid value"],
  [manifest.replace("name: main,", ""), "Invalid Pod: spec.containers[0].name: Required value"],
  [manifest.replace("[{ name: main", "{ x: [{ name: main").replace("}]", "}] }"), "cannot unmarshal object"],
  [manifest.replace('"shop:1"', `"shop:1", ${env}`), "static pods may not reference secrets"],
])("readStaticPod refuses %j", (text, message) => {
  expect(() => readStaticPod(text, "/pods/web", "n")).toThrow(message);
});
