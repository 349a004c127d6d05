/** `/openapi/v2` and `/openapi/v3` (kube-openapi `pkg/handler` and `handler3`). */
import { createHash } from "node:crypto";
import { newPathNotFound } from "../../apimachinery/status-errors.ts";
import type { Clock } from "../../base/clock.ts";
import { fixedResponse } from "../../base/http/fixed-response.ts";
import { build, kubernetesVersion } from "../../base/version.ts";
import type { RemoteDescription, RemoteDescriptions } from "../aggregation/remote-descriptions.ts";
import { acceptClauses } from "../negotiation/accept-clauses.ts";
import { isNotModified } from "../negotiation/not-modified.ts";
import type { RequestContext } from "../request-context.ts";
import type { GroupVersion, ResourceIndex } from "../resource-index.ts";
import { bodyResponse } from "../response/api-response.ts";
import type { Subject } from "./build-document.ts";
import type { OpenApiVersion } from "./spec-types.ts";

/** A document is kept for those who come soon after. */
const keptMs = 30_000;
const immutableMs = 365 * 24 * 60 * 60 * 1000;

type Form = "json" | "protobuf";

interface Published {
  /** Below `/openapi/v3/`. */
  readonly path: string;
  readonly hash: string;
  readonly subject: Subject;
}

/** Clients keep a document for a year: another build, which may describe the same otherwise, has hashes of its own. */
function hashOf(text: string): string {
  return createHash("sha512").update(`${kubernetesVersion} ${build} ${text}`).digest("hex").toUpperCase();
}

/** What a document is made of, and nothing more: it need not be made to know whether it is another. */
function ingredients({ definitions }: GroupVersion): string {
  return JSON.stringify(
    definitions.map(({ table: _table, strategy, view: _view, custom, ...facts }) => [
      facts,
      strategy.returnsDeletedObject,
      custom?.schema,
      custom?.listKind,
      custom?.preservesUnknownFields,
    ]),
  );
}

const hashes = new WeakMap<GroupVersion, string>();

function groupVersionHash(groupVersion: GroupVersion): string {
  const hash = hashes.get(groupVersion) ?? hashOf(ingredients(groupVersion));
  hashes.set(groupVersion, hash);
  return hash;
}

/** The form that the client wants; undefined for none that there is. */
function wantedForm(accept: string | null, version: OpenApiVersion): Form | undefined {
  const types = [
    `com.github.proto-openapi.spec.${version}@v1.0+protobuf`,
    `com.github.proto-openapi.spec.${version}.v1.0+protobuf`,
  ];
  for (const { type, subtype } of acceptClauses(accept || "*/*")) {
    if (type !== "application" && type !== "*") continue;
    if (subtype === "json" || subtype === "*") return "json";
    if (types.includes(subtype)) return "protobuf";
  }
  return undefined;
}

function contentType(form: Form, version: OpenApiVersion): string {
  return form === "json"
    ? "application/json"
    : `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`;
}

export class OpenApi {
  readonly #index: ResourceIndex;
  readonly #clock: Clock;
  readonly #remote: RemoteDescriptions;
  /** By version, path, form and hash. */
  readonly #kept = new Map<string, Promise<string | Uint8Array>>();
  /** Take the timers back that let go of what is kept: a stopped server does not wait for them. */
  readonly #cancels = new Map<string, () => void>();

  constructor(index: ResourceIndex, clock: Clock, remote: RemoteDescriptions) {
    this.#index = index;
    this.#clock = clock;
    this.#remote = remote;
  }

  /** Lets go of all that is kept. */
  stop(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
    this.#kept.clear();
  }

  /** `/openapi/v3`: where each document is; its hash tells when it has changed. */
  async index(context: RequestContext): Promise<Response> {
    const own = this.#published().map(
      ({ path, hash }) => [path, `/openapi/v3/${path}?hash=${hash}`] as const,
    );
    const all = new Map([...own, ...(await this.#remote.paths())]);
    const entries = Array.from(all, ([path, serverRelativeURL]) => [path, { serverRelativeURL }] as const);
    const sorted = entries.toSorted(([left], [right]) => (left < right ? -1 : 1));
    const text = JSON.stringify({ paths: Object.fromEntries(sorted) });
    const etag = hashOf(text);
    if (isNotModified(context.request, etag)) return notModified(etag);
    return bodyResponse(context, 200, text, "application/json", { etag: `"${etag}"` });
  }

  /** `/openapi/v3/PATH`. Throws NotFound. */
  async v3(context: RequestContext, path: string): Promise<Response> {
    const remote = await this.#remote.v3(context, path);
    if (remote !== undefined) return remote;
    const found = this.#published().find((document) => document.path === path);
    if (found === undefined) throw newPathNotFound();
    const form = wantedForm(context.request.headers.get("accept"), "v3");
    if (form === undefined) return notAcceptable();
    const given = context.info.query.get("hash") ?? "";
    if (given !== "" && given !== found.hash) return redirect(`/openapi/v3/${path}?hash=${found.hash}`);
    const expires = new Date(this.#clock.now() + immutableMs).toUTCString();
    const caching = given === "" ? {} : { "cache-control": "public, immutable", expires };
    const headers = { ...caching, etag: `"${found.hash}"`, vary: "Accept" };
    if (isNotModified(context.request, found.hash)) return notModified(found.hash);
    const body = await this.#body("v3", path, form, found.hash, [found.subject]);
    return bodyResponse(context, 200, body, contentType(form, "v3"), headers);
  }

  async v2(context: RequestContext): Promise<Response> {
    const form = wantedForm(context.request.headers.get("accept"), "v2");
    if (form === undefined) return notAcceptable();
    const published = this.#published();
    const remote = await this.#remote.documents();
    const hashesOfAll = [
      ...published.map(({ hash }) => hash),
      ...remote.map(({ root, etag }) => root + etag),
    ];
    const etag = hashOf(`${form} ${hashesOfAll.join()}`);
    if (isNotModified(context.request, etag)) return notModified(etag);
    const subjects = published.map(({ subject }) => subject);
    const body = await this.#body("v2", "", form, etag, subjects, remote);
    return bodyResponse(context, 200, body, contentType(form, "v2"), { etag: `"${etag}"`, vary: "Accept" });
  }

  #published(): readonly Published[] {
    const simple = (path: string, subject: Subject): Published => ({ path, hash: hashOf(path), subject });
    const groups = this.#index.groups.flatMap(({ group, versions }) => [
      ...(group === "" ? [] : [simple(`apis/${group}`, { type: "group", group })]),
      ...versions.map((groupVersion) => {
        const { version } = groupVersion;
        const path = group === "" ? `api/${version}` : `apis/${group}/${version}`;
        const subject: Subject = { type: "groupVersion", groupVersion };
        return { path, hash: groupVersionHash(groupVersion), subject };
      }),
    ]);
    const own = [
      simple("api", { type: "versions" }),
      simple("apis", { type: "groups" }),
      simple("version", { type: "version" }),
      simple(".well-known/openid-configuration", { type: "issuer" }),
      simple("openid/v1/jwks", { type: "issuerKeys" }),
    ];
    return [...own, ...groups].toSorted((left, right) => (left.path < right.path ? -1 : 1));
  }

  #body(
    version: OpenApiVersion,
    path: string,
    form: Form,
    hash: string,
    subjects: readonly Subject[],
    remote: readonly RemoteDescription[] = [],
  ): Promise<string | Uint8Array> {
    const key = `${version} ${path} ${form} ${hash}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const made = this.#make(version, form, subjects, remote);
    this.#kept.set(key, made);
    const cancel = this.#clock.after(keptMs, () => {
      this.#kept.delete(key);
      this.#cancels.delete(key);
    });
    this.#cancels.set(key, cancel);
    return made;
  }

  async #make(
    version: OpenApiVersion,
    form: Form,
    subjects: readonly Subject[],
    remote: readonly RemoteDescription[],
  ): Promise<string | Uint8Array> {
    // What it takes to describe the API is loaded when somebody wants to know.
    const { buildDocument } = await import("./build-document.ts");
    const own = await buildDocument(version, this.#index.groups, subjects);
    const { mergeDescription } = await import("../aggregation/merge-description.ts");
    const document = remote.reduce(
      (merged, other) => mergeDescription(merged, other.document, other.root),
      own,
    );
    if (form === "json") return JSON.stringify(document);
    const { encodeDocument } = await import("./encode-document.ts");
    return await encodeDocument(version, document);
  }
}

function notModified(etag: string): Response {
  return fixedResponse("", { status: 304, headers: { etag: `"${etag}"`, vary: "Accept" } });
}

function notAcceptable(): Response {
  return fixedResponse("", { status: 406, headers: { vary: "Accept" } });
}

function redirect(location: string): Response {
  return fixedResponse("", { status: 301, headers: { location, vary: "Accept" } });
}
