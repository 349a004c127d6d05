import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import type { JsonObject } from "../apimachinery/json/json-value.ts";
import { decodeMessage } from "../apimachinery/protobuf/decode-message.ts";
import { openEnvelope } from "../apimachinery/protobuf/envelope.ts";
import { decodeModel } from "../apimachinery/schema/decode.ts";
import { apiMessages } from "./message-set.ts";
import { apiSchemas } from "./schema-set.ts";

/** Objects with every field filled, in both forms; beside the tree on machines that check against them. */
const fixtures = process.env.PACIFIC_API_FIXTURES ?? "";

const models: Readonly<Record<string, string>> = {
  "core.v1.Binding": "V1Binding",
  "core.v1.ConfigMap": "V1ConfigMap",
  "core.v1.Event": "CoreV1Event",
  "core.v1.Namespace": "V1Namespace",
  "core.v1.Node": "V1Node",
  "core.v1.Pod": "V1Pod",
  "core.v1.Secret": "V1Secret",
  "core.v1.ServiceAccount": "V1ServiceAccount",
  "events.k8s.io.v1.Event": "EventsV1Event",
  "coordination.k8s.io.v1.Lease": "V1Lease",
  "certificates.k8s.io.v1.CertificateSigningRequest": "V1CertificateSigningRequest",
};

for (const [name, model] of Object.entries(models)) {
  const path = `${fixtures}/${name}.pb`;
  const isThere = fixtures !== "" && existsSync(path);
  const title = `protobuf and JSON of ${name} say the same`;
  test.skipIf(!isThere)(isThere ? title : `${title} (PACIFIC_API_FIXTURES names no fixtures)`, () => {
    const { kind, apiVersion, raw } = openEnvelope(readFileSync(path));
    const fromProtobuf = { kind, apiVersion, ...decodeMessage(apiMessages, model, raw) };
    const fromJson: JsonObject = JSON.parse(readFileSync(path.replace(/pb$/, "json"), "utf8"));
    expect(decodeModel(apiSchemas, model, fromProtobuf as JsonObject).unknownFields).toEqual([]);
    decodeModel(apiSchemas, model, fromJson);
    expect(fromProtobuf as JsonObject).toEqual(fromJson);
  });
}
