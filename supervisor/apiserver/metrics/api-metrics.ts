/** What the API server counts, by the names of kube-apiserver (kubernetes `endpoints/metrics/metrics.go`). */
import type {
  HistogramSeries,
  MetricsRegistry,
  Sample,
  Series,
} from "../../base/metrics/metrics-registry.ts";
import { versionInfo } from "../../base/version.ts";
import type { Backend } from "../../storage/backend.ts";
import { isLongRunning, isStream, type RequestInfo, type ResourceRequestInfo } from "../request-info.ts";
import type { ResourceIndex } from "../resource-index.ts";

/** Upper bounds in seconds. */
const durationBounds = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];

/** Objectives are no shorter than 50 ms. */
const objectiveBounds = durationBounds.slice(2);

/** The paths beside resources that have series of their own; all others share one, however many a client tries. */
const knownPaths: ReadonlySet<string> = new Set([
  "/api",
  "/apis",
  "/healthz",
  "/livez",
  "/metrics",
  "/openapi",
  "/readyz",
  "/version",
]);

const knownMethods: ReadonlySet<string> = new Set(["get", "head", "post", "put", "patch", "delete"]);
const readVerbs: ReadonlySet<string> = new Set(["get", "list", "watch", "head", "options"]);
const verbNames: Readonly<Record<string, string>> = { create: "POST", update: "PUT" };

interface RequestSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly byCode: Map<number, Series>;
  readonly seconds: HistogramSeries;
  /** Without what others have taken: webhooks, and the queue of a priority level. */
  readonly ownSeconds: HistogramSeries;
  /** How many are open, for watches and streams. */
  readonly open: Series;
}

export class ApiMetrics {
  readonly #index: ResourceIndex;
  readonly #total: ReturnType<MetricsRegistry["values"]>;
  readonly #seconds: ReturnType<MetricsRegistry["histogram"]>;
  readonly #ownSeconds: ReturnType<MetricsRegistry["histogram"]>;
  readonly #deprecated: ReturnType<MetricsRegistry["values"]>;
  readonly #open: ReturnType<MetricsRegistry["values"]>;
  readonly #watchEvents: ReturnType<MetricsRegistry["values"]>;
  readonly #reading: Series;
  readonly #writing: Series;
  readonly #series = new Map<string, RequestSeries>();
  /** How long requests under way have waited for others, for the few that have. */
  readonly #waitedMs = new WeakMap<RequestInfo, number>();

  constructor(registry: MetricsRegistry, index: ResourceIndex, backend: Backend) {
    this.#index = index;
    this.#total = registry.values(
      "counter",
      "apiserver_request_total",
      "Counter of apiserver requests by verb, group, version, resource, scope, component and HTTP response code.",
    );
    this.#seconds = registry.histogram(
      "apiserver_request_duration_seconds",
      "Response latency in seconds by verb, group, version, resource, subresource, scope and component.",
      durationBounds,
    );
    this.#ownSeconds = registry.histogram(
      "apiserver_request_sli_duration_seconds",
      "Response latency in seconds without webhooks and queues of priority levels, by verb, group, version, resource, subresource, scope and component.",
      objectiveBounds,
    );
    this.#deprecated = registry.values(
      "gauge",
      "apiserver_requested_deprecated_apis",
      "Deprecated APIs that have been requested, by group, version, resource, subresource and removed_release.",
    );
    this.#open = registry.values(
      "gauge",
      "apiserver_longrunning_requests",
      "Open watches by verb, group, version, resource, scope and component.",
    );
    this.#watchEvents = registry.values(
      "counter",
      "apiserver_watch_events_total",
      "Events sent to watches by group, version and resource.",
    );
    const inFlight = registry.values(
      "gauge",
      "apiserver_current_inflight_requests",
      "Requests being served now, by kind.",
    );
    this.#reading = inFlight({ request_kind: "readOnly" });
    this.#writing = inFlight({ request_kind: "mutating" });
    const objects = "apiserver_resource_objects";
    registry.collected("gauge", objects, "Stored objects by resource.", () => storedObjects(index, backend));
    const build = registry.values("gauge", "kubernetes_build_info", "Always 1, labelled by the version.");
    build({
      build_date: versionInfo.buildDate,
      compiler: versionInfo.compiler,
      git_commit: versionInfo.gitCommit,
      git_tree_state: versionInfo.gitTreeState,
      git_version: versionInfo.gitVersion,
      go_version: versionInfo.goVersion,
      major: versionInfo.major,
      minor: versionInfo.minor,
      platform: versionInfo.platform,
    }).set(1);
  }

  /** Counts a request that begins; the result is called once, with the code of its answer. */
  begin(info: RequestInfo): (code: number) => void {
    const series = this.#seriesOf(info);
    const isTimed = !isLongRunning(info);
    const inFlight = readVerbs.has(info.verb) ? this.#reading : this.#writing;
    const startMs = performance.now();
    if (isTimed) inFlight.add(1);
    return (code) => {
      const counted = series.byCode.get(code) ?? this.#total({ ...series.labels, code: String(code) });
      series.byCode.set(code, counted);
      counted.add(1);
      if (!isTimed) return;
      inFlight.add(-1);
      const tookMs = performance.now() - startMs;
      series.seconds.observe(tookMs / 1000);
      // As upstream: what is only tried counts for no objective.
      if (info.query.has("dryRun")) return;
      series.ownSeconds.observe(Math.max(0, tookMs - (this.#waitedMs.get(info) ?? 0)) / 1000);
    };
  }

  /** A request has waited for somebody else, which is not the server's own latency. */
  waited(info: RequestInfo, milliseconds: number): void {
    this.#waitedMs.set(info, (this.#waitedMs.get(info) ?? 0) + milliseconds);
  }

  /** A request was for an API that is deprecated. No release has removed one that is served here. */
  requestedDeprecated({ group, version, resource, subresource }: ResourceRequestInfo): void {
    this.#deprecated({ group, version, resource, subresource, removed_release: "" }).set(1);
  }

  /** The gauge of a resource's open watches, and the counter of what they are sent. */
  watches(info: ResourceRequestInfo): { readonly open: Series; readonly events: Series } {
    const { group, version, resource } = info;
    return { open: this.#seriesOf(info).open, events: this.#watchEvents({ group, version, resource }) };
  }

  #seriesOf(info: RequestInfo): RequestSeries {
    const labels = this.#labels(info);
    const key = Object.values(labels).join(" ");
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const seconds = this.#seconds(labels);
    const ownSeconds = this.#ownSeconds(labels);
    const made = { labels, byCode: new Map<number, Series>(), seconds, ownSeconds, open: this.#open(labels) };
    this.#series.set(key, made);
    return made;
  }

  #labels(info: RequestInfo): Readonly<Record<string, string>> {
    const none = { component: "apiserver", group: "", resource: "", scope: "", subresource: "", version: "" };
    if (!info.isResource) {
      const path = `/${info.path.split("/", 2)[1] ?? ""}`;
      const verb = knownMethods.has(info.verb) ? info.verb.toUpperCase() : "other";
      return { ...none, subresource: knownPaths.has(path) ? path : "", verb };
    }
    const { group, version, resource } = info;
    const verb = verbOf(info);
    const store = this.#index.store(group, version, resource);
    // Names that clients make up have no series of their own: there is no end of them.
    if (store === undefined) return { ...none, verb };
    const isKnown = Object.hasOwn(store.definition.subresources, info.subresource);
    const subresource = isKnown ? info.subresource : "";
    return { component: "apiserver", group, resource, scope: scopeOf(info), subresource, version, verb };
  }
}

function verbOf({ verb, subresource }: ResourceRequestInfo): string {
  if (verb !== "watch" && isStream(subresource)) return "CONNECT";
  return verbNames[verb] ?? verb.toUpperCase();
}

function scopeOf({ name, namespace, verb }: ResourceRequestInfo): string {
  if (name !== "" || verb === "create") return "resource";
  return namespace === "" ? "cluster" : "namespace";
}

async function storedObjects(index: ResourceIndex, backend: Backend): Promise<readonly Sample[]> {
  const resources = new Map<string, { readonly group: string; readonly resource: string }>();
  for (const { definitions } of index.groupVersions) {
    for (const { storagePrefix, group, resource } of definitions) {
      if (!resources.has(storagePrefix)) resources.set(storagePrefix, { group, resource });
    }
  }
  const count = async (prefix: string) => (await backend.range({ prefix, limit: 0 })).remaining;
  return Promise.all(
    Array.from(resources, async ([prefix, labels]) => ({ labels, value: await count(prefix) })),
  );
}
