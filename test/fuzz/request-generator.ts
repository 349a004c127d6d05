/** Requests of every kind that the API takes, good and strange, the same for the same seed. */
import { stringify } from "yaml";
import type { JsonObject, JsonValue } from "../../supervisor/apimachinery/json/json-value.ts";
import { isJsonObject } from "../../supervisor/apimachinery/json/json-value.ts";
import { encodeDocument } from "../../supervisor/apiserver/response/protobuf-response.ts";
import { apiVersionOf, type ResourceDefinition } from "../../supervisor/registry/resource-definition.ts";
import { resourceDefinitions } from "../../supervisor/registry/resource-definitions.ts";
import { RandomSource } from "../framework/random-source.ts";
import { sampleObjects } from "./sample-objects.ts";
import { modelValue, mutated, mutatedBytes, strangeText, strangeValue } from "./strange-values.ts";

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

type Target = Pick<
  ResourceDefinition,
  "group" | "version" | "resource" | "kind" | "namespaced" | "model" | "subresources"
>;

const custom: Target = {
  ...{ group: "example.com", version: "v1", resource: "widgets", kind: "Widget" },
  ...{ namespaced: true, model: "", subresources: {} },
};
const all: readonly Target[] = [...resourceDefinitions, custom];
/** Those whose rules are many come more often. */
const targets: readonly Target[] = [...all, ...all.filter(({ resource }) => resource in sampleObjects)];
/** What these say changes how all other requests are answered, or has the server ask others: they are only tried out. */
const triedOnly =
  /webhook|admissionpolic|apiservices|customresourcedefinitions|flowschemas|prioritylevel|resourcequotas|servicecidrs/;

const names = ["a", "b", "c", "default", "kubernetes"];

/** What is there before the first request, so that many of them find what they are about. */
export function firstRequests(): ReadonlyArray<{ readonly path: string; readonly body: JsonObject }> {
  return all.flatMap((target) => {
    const sample = sampleObjects[target.resource];
    if (sample === undefined || triedOnly.test(target.resource)) return [];
    const path = rootOf(target) + (target.namespaced ? `/namespaces/default` : "");
    const head = { kind: target.kind, apiVersion: apiVersionOf(target) };
    return names.map((name) => ({
      path: `${path}/${target.resource}`,
      body: { ...head, ...sample, metadata: { name } },
    }));
  });
}

function rootOf(target: Target): string {
  return `${target.group === "" ? "/api" : "/apis"}/${apiVersionOf(target)}`;
}

const paths = [
  ...["/", "/api", "/apis", "/api/v1", "/apis/apps", "/apis/apps/v1", "/version", "/healthz", "/livez/ping"],
  ...["/readyz", "/metrics", "/openapi/v2", "/openapi/v3", "/openapi/v3/apis/apps/v1", "/openid/v1/jwks"],
  ...["/apis/example.com/v1", "/nothing", "//", "/api//v1", "/apis/apps/v2", "/api/v1/namespaces/"],
];
const patches = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;
const accepts = [
  "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
  "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
  "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json",
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
  "application/vnd.kubernetes.protobuf",
  "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io",
  "application/yaml",
  "text/html",
  "*/*;q=",
];

export class RequestGenerator {
  readonly #random: RandomSource;
  readonly #continueTokens: readonly string[];

  /** `continueTokens` are good ones. */
  constructor(seed: number, continueTokens: readonly string[]) {
    this.#random = new RandomSource(seed);
    this.#continueTokens = continueTokens;
  }

  request(): FuzzRequest {
    const random = this.#random;
    if (random.chance(0.08)) return this.#elsewhere();
    const target = random.pick(targets);
    const method = random.pick([
      "GET",
      "GET",
      "POST",
      "POST",
      "POST",
      "PUT",
      "PUT",
      "PATCH",
      "PATCH",
      "PATCH",
      "PATCH",
      "DELETE",
    ]);
    const hasName = method === "POST" ? random.chance(0.1) : random.chance(method === "DELETE" ? 0.95 : 0.75);
    const path = this.#path(target, hasName);
    const query = this.#query(target);
    const url = query === "" ? path : `${path}?${query}`;
    const headers: Record<string, string> = {};
    if (random.chance(0.2)) headers.accept = random.pick(accepts);
    if (random.chance(0.01)) return { method: random.pick(["HEAD", "OPTIONS", "MKCOL"]), path: url, headers };
    if (random.chance(0.02)) headers.accept = strangeText(random).replace(/[^\x20-\x7e]/g, "");
    if (random.chance(0.1)) headers["accept-encoding"] = "gzip";
    if (method === "GET") return { method, path: url, headers };
    return { method, path: url, headers, ...this.#content(target, method, headers) };
  }

  #elsewhere(): FuzzRequest {
    const random = this.#random;
    const path = random.pick(paths);
    const ending = random.oneOf(
      () => "",
      () => `/${encodeURIComponent(wellFormed(strangeText(random)))}`,
      () => `?${this.#query(custom)}`,
    );
    const headers = random.chance(0.5) ? { accept: random.pick(accepts) } : {};
    return { method: random.pick(["GET", "GET", "GET", "POST", "OPTIONS"]), path: path + ending, headers };
  }

  #path(target: Target, hasName: boolean): string {
    const random = this.#random;
    let path = rootOf(target);
    if (random.chance(0.02)) path += "/watch";
    const isNamed = target.namespaced !== random.chance(0.02);
    if (isNamed && random.chance(0.95)) {
      path += `/namespaces/${random.chance(0.9) ? "default" : random.pick(["fuzz", "none"])}`;
    }
    path += `/${target.resource}`;
    if (!hasName) return path;
    path += `/${random.chance(0.9) ? this.#name() : encodeURIComponent(wellFormed(strangeText(random)))}`;
    const subresources = [...Object.keys(target.subresources), "status", "scale", "nothing"];
    if (random.chance(0.2)) path += `/${random.pick(subresources)}`;
    return random.chance(0.01) ? `${path}%` : path;
  }

  #name(): string {
    return this.#random.pick([...names, "things.fuzz.example.com"]);
  }

  #query(target: Target): string {
    const random = this.#random;
    const pairs: string[] = [];
    const isTriedOnly = triedOnly.test(target.resource);
    if (isTriedOnly) pairs.push("dryRun=All");
    const add = (name: string, value: string): void => {
      pairs.push(
        `${name}=${random.chance(0.97) ? encodeURIComponent(wellFormed(value)) : value.replace(/[#\s]/g, "")}`,
      );
    };
    for (let count = random.below(4); count > 0; count--) {
      const [name, value] = this.#option();
      if (name !== "dryRun" || !isTriedOnly) add(name, value);
    }
    // A watch would else stay until its client leaves.
    pairs.push("timeoutSeconds=1");
    return pairs.join("&");
  }

  #option(): readonly [string, string] {
    const random = this.#random;
    const flag = () => random.pick(["true", "false", "1", "", "maybe"]);
    const number = () => random.pick(["0", "1", "2", "-1", "1e3", "99999999999999999999", "x", ""]);
    return random.oneOf<readonly [string, string]>(
      () => ["limit", number()],
      () => ["continue", this.#continue()],
      () => ["resourceVersion", number()],
      () => ["resourceVersionMatch", random.pick(["Exact", "NotOlderThan", "Other"])],
      () => ["labelSelector", this.#selector()],
      () => ["fieldSelector", this.#selector()],
      () => ["watch", flag()],
      () => ["allowWatchBookmarks", flag()],
      () => ["sendInitialEvents", flag()],
      () => ["dryRun", random.pick(["All", "None", ""])],
      () => ["fieldManager", strangeText(random)],
      () => ["fieldValidation", random.pick(["Strict", "Warn", "Ignore", "Other"])],
      () => ["force", flag()],
      () => ["pretty", flag()],
      () => ["gracePeriodSeconds", number()],
      () => ["propagationPolicy", random.pick(["Orphan", "Background", "Foreground", "Other"])],
      () => ["orphanDependents", flag()],
      () => ["timeout", random.pick(["1s", "10m", "-1s", "x", "1h1h"])],
      () => [strangeText(random), strangeText(random)],
    );
  }

  #continue(): string {
    const random = this.#random;
    const good = random.pick(["", "bm9uZQ", ...this.#continueTokens]);
    if (random.chance(0.4)) return good;
    const token = {
      v: "meta.k8s.io/v1",
      rv: random.pick([1, -1, "1", null, 2 ** 60]),
      start: strangeText(random),
    };
    return random.oneOf(
      () => Buffer.from(mutatedBytes(random, Buffer.from(good))).toString("latin1"),
      () => Buffer.from(JSON.stringify(token)).toString("base64url"),
      () => Buffer.from(JSON.stringify(strangeValue(random))).toString("base64"),
    );
  }

  #selector(): string {
    const random = this.#random;
    const parts = [
      "a",
      "metadata.name",
      "=",
      "==",
      "!=",
      "!",
      " in ",
      " notin ",
      "(",
      ")",
      ",",
      "x",
      ">",
      "<",
      "1",
    ];
    return random.list(7, () => (random.chance(0.9) ? random.pick(parts) : strangeText(random))).join("");
  }

  #content(
    target: Target,
    method: string,
    headers: Record<string, string>,
  ): { readonly body: Uint8Array } | Record<never, never> {
    const random = this.#random;
    // Options in a body count instead of those in the URL.
    if (method === "DELETE" && (triedOnly.test(target.resource) || random.chance(0.6))) return {};
    if (method === "PATCH") return { body: this.#broken(this.#patch(target, headers)) };
    const object = method === "DELETE" ? this.#deleteOptions() : this.#object(target);
    headers["content-type"] = random.pick([
      ...["application/json", "application/json", "application/json", "application/yaml"],
      "application/vnd.kubernetes.protobuf",
      random.chance(0.1) ? "text/plain" : "application/json; charset=utf-8",
    ]);
    return { body: this.#broken(this.#written(object, headers["content-type"] ?? "")) };
  }

  #written(object: JsonValue, type: string): Uint8Array {
    if (type === "application/yaml") return Buffer.from(asYaml(object));
    if (type === "application/vnd.kubernetes.protobuf" && isJsonObject(object)) {
      try {
        return encodeDocument(object);
      } catch {
        // What has no such form is sent as it is.
      }
    }
    return Buffer.from(JSON.stringify(object));
  }

  #broken(bytes: Uint8Array): Uint8Array {
    const random = this.#random;
    if (random.chance(0.002)) return Buffer.from("[".repeat(20_000));
    if (random.chance(0.002)) return Buffer.from(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`);
    return random.chance(0.1) ? mutatedBytes(random, bytes) : bytes;
  }

  #object(target: Target): JsonValue {
    const random = this.#random;
    const { kind, model, resource, namespaced } = target;
    const head = { kind, apiVersion: apiVersionOf(target) };
    const metadata = {
      ...random.oneOf<JsonObject>(
        () => ({ name: this.#name() }),
        () => ({ name: this.#name() }),
        () => ({ generateName: "g-" }),
        () => modelValue(random, "V1ObjectMeta", 2),
      ),
      ...(random.chance(0.1) ? { finalizers: ["example.com/hold"] } : {}),
      ...(random.chance(0.5) ? { labels: { a: "x" } } : {}),
      ...(namespaced && random.chance(0.2) ? { namespace: "default" } : {}),
    };
    const sample = sampleObjects[resource];
    const own: JsonObject =
      sample === undefined || random.chance(0.4)
        ? model === ""
          ? { spec: strangeValue(random) }
          : modelValue(random, model, 6)
        : { ...sample };
    const object: JsonObject = { ...head, metadata, ...own, ...(random.chance(0.95) ? head : {}) };
    if (own.metadata === undefined || random.chance(0.8)) object.metadata = metadata;
    return random.chance(0.5) ? object : mutated(random, object, 0.02);
  }

  #deleteOptions(): JsonValue {
    const random = this.#random;
    const options = { ...modelValue(random, "V1DeleteOptions", 2), kind: "DeleteOptions", apiVersion: "v1" };
    return random.chance(0.8) ? options : strangeValue(random);
  }

  #patch(target: Target, headers: Record<string, string>): Uint8Array {
    const random = this.#random;
    const type = random.pick(["json", "merge", "strategic", "apply"] as const);
    headers["content-type"] = patches[type];
    const object = this.#object(target);
    if (type === "json") return Buffer.from(JSON.stringify(this.#operations(object)));
    if (type === "apply") return Buffer.from(random.chance(0.5) ? asYaml(object) : JSON.stringify(object));
    return Buffer.from(JSON.stringify(type === "strategic" ? this.#withDirectives(object) : object));
  }

  #operations(object: JsonValue): JsonValue {
    const random = this.#random;
    const pointers = [...pointersOf(object, ""), "", "/", "/metadata/labels/a", "/spec/-", "/~2", "x"];
    return random.list(4, () => ({
      op: random.pick(["add", "remove", "replace", "move", "copy", "test", "other"]),
      path: random.pick(pointers),
      from: random.pick(pointers),
      value: strangeValue(random),
    }));
  }

  /** The words of strategic merge patch, at places that may have none. */
  #withDirectives(value: JsonValue): JsonValue {
    const random = this.#random;
    if (Array.isArray(value)) {
      const items = value.map((item) => this.#withDirectives(item));
      return random.chance(0.1) ? [...items, { $patch: random.pick(["replace", "delete", "x"]) }] : items;
    }
    if (!isJsonObject(value)) return value;
    const copy: JsonObject = {};
    for (const [key, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      copy[key] = this.#withDirectives(inner);
      if (random.chance(0.05)) copy[`$setElementOrder/${key}`] = strangeValue(random, 2);
      if (random.chance(0.05)) copy[`$deleteFromPrimitiveList/${key}`] = strangeValue(random, 2);
    }
    if (random.chance(0.05)) copy.$patch = random.pick<JsonValue>(["replace", "delete", "merge", 1]);
    if (random.chance(0.05)) copy.$retainKeys = strangeValue(random, 2);
    return copy;
  }
}

function asYaml(object: JsonValue): string {
  return stringify(object, { version: "1.1" });
}

/** Text without halves of surrogate pairs, which no URL can have. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}

function pointersOf(value: JsonValue, at: string): string[] {
  if (Array.isArray(value))
    return [at, ...value.flatMap((item, index) => pointersOf(item, `${at}/${index}`))];
  if (!isJsonObject(value)) return [at];
  return [
    at,
    ...Object.entries(value).flatMap(([key, inner]) =>
      inner === undefined
        ? []
        : pointersOf(inner, `${at}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`),
    ),
  ];
}
