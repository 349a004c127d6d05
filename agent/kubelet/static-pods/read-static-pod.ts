import { createHash } from "node:crypto";
import { parse } from "yaml";
import { setPodDefaults } from "../../../supervisor/api/core/v1/pod/pod-defaults.ts";
import { podReferences } from "../../../supervisor/api/core/v1/pod/pod-references.ts";
import { validateNewPod } from "../../../supervisor/api/core/v1/pod/pod-validation.ts";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { apiSchemas } from "../../../supervisor/api/schema-set.ts";
import type { JsonObject } from "../../../supervisor/apimachinery/json/json-value.ts";
import type { Mutable } from "../../../supervisor/apimachinery/mutable.ts";
import { decodeModel } from "../../../supervisor/apimachinery/schema/decode.ts";
import { checkDnsSubdomain } from "../../../supervisor/apimachinery/validation/formats.ts";
import { validateObjectMeta } from "../../../supervisor/apimachinery/validation/object-meta.ts";
import { hashAnnotation, mirrorAnnotation, sourceAnnotation } from "./pod-source.ts";

/** Taints end no static Pod: nobody could start it elsewhere. */
const toleration = { operator: "Exists", effect: "NoExecute" };

/**
 * Reads a manifest, YAML or JSON, as the Pod that the host runs from it (kubelet `config.applyDefaults`): its name ends
 * with the node's, its UID is a hash over the node, the file's path and the manifest. Throws for what is no valid Pod.
 */
export function readStaticPod(text: string, path: string, nodeName: string): V1Pod {
  const manifest: unknown = parse(text);
  if (typeof manifest !== "object" || manifest === null) throw new Error("Expected a Pod, found no object");
  const hash = hashOf(nodeName, path, JSON.stringify(manifest));
  // Decoding checks what the parser gave.
  const object = manifest as JsonObject;
  if (object.apiVersion !== "v1" || object.kind !== "Pod") {
    throw new Error(`Expected apiVersion v1 and kind Pod, found ${object.apiVersion} ${object.kind}`);
  }
  decodeModel(apiSchemas, "V1Pod", object);
  // It has a Pod's form now.
  const pod = object as unknown as Mutable<V1Pod>;
  const { name = "", namespace, labels, annotations } = pod.metadata ?? {};
  const { [mirrorAnnotation]: _, ...others } = annotations ?? {};
  const metadata = {
    name: `${name}-${nodeName.toLowerCase()}`,
    namespace: namespace || "default",
    uid: hash,
    ...(labels && { labels }),
    annotations: { ...others, [sourceAnnotation]: "file", [hashAnnotation]: hash },
  };
  const spec = pod.spec ?? { containers: [] };
  spec.nodeName = nodeName;
  spec.tolerations = [...(spec.tolerations ?? []), toleration];
  setPodDefaults(spec);
  const made = { apiVersion: "v1", kind: "Pod", metadata, spec, status: { phase: "Pending" } };
  check(made, name);
  return made;
}

function hashOf(nodeName: string, path: string, manifest: string): string {
  return createHash("md5").update(`host:${nodeName}file:${path}${manifest}`).digest("hex");
}

function check(pod: V1Pod & Parameters<typeof validateNewPod>[0], name: string): void {
  const rules = { namespaced: true, checkName: checkDnsSubdomain };
  const errors = [
    ...validateObjectMeta({ ...pod.metadata, name }, rules),
    ...validateObjectMeta(pod.metadata, rules),
    ...validateNewPod(pod),
  ];
  const [first] = errors;
  if (first) throw new Error(`Invalid Pod: ${first.field}: ${first.body}`);
  // Objects of the API that it needs would be missing while there is no API; upstream refuses them since 1.34.
  for (const reference of podReferences(pod)) {
    throw new Error(`static pods may not reference ${reference.slice(0, reference.indexOf("/"))}`);
  }
}
