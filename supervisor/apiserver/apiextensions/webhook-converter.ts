/** Versions are converted by a webhook (apiextensions-apiserver `pkg/apiserver/conversion/webhook_converter.go`). */

import { isJsonObject, type JsonObject, type JsonValue } from "../../apimachinery/json/json-value.ts";
import { newInternalError } from "../../apimachinery/status-errors.ts";
import { validateObjectMeta } from "../../apimachinery/validation/object-meta.ts";
import { messageOf } from "../../base/errors.ts";
import { callWebhook, type ServiceDialer, type WebhookTarget } from "../webhooks/webhook-client.ts";
import type { ObjectConverter } from "./text-converter.ts";

export interface WebhookConverterOptions {
  readonly target: WebhookTarget;
  readonly reviewVersions: readonly string[];
  readonly dialer: ServiceDialer | undefined;
  /** A review's uid. */
  uid(): string;
}

export class WebhookConverter implements ObjectConverter {
  readonly #options: WebhookConverterOptions;

  constructor(options: WebhookConverterOptions) {
    this.#options = options;
  }

  convert(
    objects: readonly JsonObject[],
    apiVersion: string,
  ): readonly JsonObject[] | Promise<readonly JsonObject[]> {
    const others = objects.filter((object) => object.apiVersion !== apiVersion);
    return others.length === 0 ? objects : this.#ask(objects, others, apiVersion);
  }

  async #ask(
    objects: readonly JsonObject[],
    others: readonly JsonObject[],
    apiVersion: string,
  ): Promise<readonly JsonObject[]> {
    const subject = `conversion webhook for ${others[0]?.apiVersion}, Kind=${others[0]?.kind}`;
    let converted: readonly JsonValue[];
    try {
      converted = await this.#review(others, apiVersion);
    } catch (error) {
      throw newInternalError(new Error(`${subject} failed: ${messageOf(error)}`, { cause: error }));
    }
    if (converted.length !== others.length) {
      const counts = `returned ${converted.length} objects, expected ${others.length}`;
      throw newInternalError(new Error(`${subject} ${counts}`));
    }
    const found = new Map<JsonObject, JsonObject>();
    others.forEach((original, index) => {
      try {
        found.set(original, checked(original, converted[index], apiVersion));
      } catch (error) {
        throw newInternalError(
          new Error(`${subject} returned invalid object: ${messageOf(error)}`, { cause: error }),
        );
      }
    });
    return objects.map((object) => found.get(object) ?? object);
  }

  async #review(objects: readonly JsonObject[], desiredAPIVersion: string): Promise<readonly JsonValue[]> {
    const { target, reviewVersions, dialer } = this.#options;
    const version = reviewVersions.find((candidate) => candidate === "v1" || candidate === "v1beta1");
    if (version === undefined) throw new Error("no supported conversion review versions");
    const uid = this.#options.uid();
    const head = { kind: "ConversionReview", apiVersion: `apiextensions.k8s.io/${version}` };
    const review = { ...head, request: { uid, desiredAPIVersion, objects } };
    const answer = await callWebhook({ target, review, dialer });
    if (version === "v1") checkHead(answer);
    return convertedObjects(answer, version === "v1" ? uid : undefined);
  }
}

function checkHead({ kind, apiVersion }: JsonObject): void {
  if (kind === "ConversionReview" && apiVersion === "apiextensions.k8s.io/v1") return;
  const given = `${apiVersion ?? ""}, Kind=${kind ?? ""}`;
  throw new Error(
    `expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got ${given}`,
  );
}

function convertedObjects({ response }: JsonObject, uid: string | undefined): readonly JsonValue[] {
  if (!isJsonObject(response)) throw new Error("no response provided");
  if (uid !== undefined && response.uid !== uid) {
    throw new Error(
      `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? "")}`,
    );
  }
  const { result, convertedObjects: objects } = response;
  const { status, message } = isJsonObject(result) ? result : {};
  if (status !== "Success") {
    const given = typeof status === "string" ? status : "";
    throw new Error(
      typeof message === "string" && message !== ""
        ? message
        : `response.result.status was '${given}', not 'Success'`,
    );
  }
  return Array.isArray(objects) ? objects : [];
}

/** The converted object with the original's metadata, but for labels and annotations. Throws an `Error`. */
function checked(original: JsonObject, converted: JsonValue | undefined, apiVersion: string): JsonObject {
  if (!isJsonObject(converted)) throw new Error("it is no object");
  if (converted.apiVersion !== apiVersion) {
    throw new Error(`invalid groupVersion (expected ${apiVersion}, received ${converted.apiVersion})`);
  }
  if (converted.kind !== original.kind) {
    throw new Error(`invalid kind (expected ${original.kind}, received ${converted.kind})`);
  }
  const { metadata } = converted;
  if (metadata === undefined) throw new Error("missing metadata in converted object");
  if (!isJsonObject(metadata)) throw new Error("invalid metadata in converted object");
  const old = isJsonObject(original.metadata) ? original.metadata : {};
  for (const [field, name] of [
    ["name", "name"],
    ["namespace", "namespace"],
    ["uid", "UID"],
  ] as const) {
    const expected = old[field] ?? "";
    const given = metadata[field] ?? "";
    if (expected !== given) throw new Error(`must have the same ${name}: ${expected} != ${given}`);
  }
  return {
    ...converted,
    metadata: { ...old, labels: undefined, annotations: undefined, ...textsOf(metadata) },
  };
}

/** The labels and annotations of a converted object. Throws an `Error`. */
function textsOf(metadata: JsonObject): JsonObject {
  const labels = textMap(metadata, "labels");
  const annotations = textMap(metadata, "annotations");
  const given = { ...(labels && { labels }), ...(annotations && { annotations }) };
  const errors = validateObjectMeta({ name: "name", ...given }, { namespaced: false, checkName: () => [] });
  if (errors.length > 0) throw new Error(errors.map((error) => `${error.field}: ${error.body}`).join(", "));
  return given;
}

function textMap(metadata: JsonObject, field: string): Record<string, string> | undefined {
  const value = metadata[field];
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw new Error(`invalid metadata.${field} in converted object`);
  const texts: Record<string, string> = {};
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string")
      throw new Error(`metadata.${field}[${key}] must be a string in converted object`);
    texts[key] = text;
  }
  return texts;
}
