/**
 * The OpenAPI v2 document, which says nothing of any model. kubectl (1.36 and before) reads it when a file holds a
 * `List`, to check the items by itself; what the document does not know it leaves to the server, as it does for single
 * objects. Clients that want models find them in OpenAPI v3.
 */
import { kubernetesVersion } from "../../base/version.ts";

/** The form that kubectl asks for, by the media type that kube-apiserver gives it. */
export const openApiV2MediaType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

const title = "Kubernetes";

export const openApiV2Document = {
  swagger: "2.0",
  info: { title, version: kubernetesVersion },
  paths: {},
};

/** A field of Protocol Buffers with a length; numbers up to 15 and contents below 128 bytes, which all of ours are. */
function protobufField(number: number, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}

/** The same as `gnostic.openapi.v2.Document`: 1 is the format's version, 2 the information, 8 the paths. */
export function openApiV2Protobuf(): Buffer {
  const info = Buffer.concat([protobufField(1, title), protobufField(2, kubernetesVersion)]);
  return Buffer.concat([protobufField(1, "2.0"), protobufField(2, info), protobufField(8, "")]);
}
