/** What the API server is put together from: resources, caches that follow the store, who may what, plug-ins. */
import { MetricsRegistry } from "../base/metrics/metrics-registry.ts";
import { addProcessMetrics } from "../base/metrics/process-metrics.ts";
import { resourceDefinitions } from "../registry/resource-definitions.ts";
import { Admission } from "./admission/admission.ts";
import { AdmissionCaches } from "./admission/admission-caches.ts";
import { builtInPlugins } from "./admission/built-in-plugins.ts";
import { NamespaceCache } from "./admission/namespace-lifecycle/namespace-cache.ts";
import { Aggregation } from "./aggregation/aggregation.ts";
import type { ApiServerOptions } from "./api-server-options.ts";
import { CustomResources } from "./apiextensions/custom-resources.ts";
import { Authentication } from "./authentication/authentication.ts";
import { Authorization } from "./authorization/authorization.ts";
import { podAnswers } from "./eviction/pod-answers.ts";
import { FlowControl } from "./flowcontrol/flow-control.ts";
import { addFlowMetrics } from "./flowcontrol/flow-metrics.ts";
import { RequestWidth } from "./flowcontrol/request-width.ts";
import type { Answers } from "./handlers/answer.ts";
import { AdmissionMetrics } from "./metrics/admission-metrics.ts";
import { ApiMetrics } from "./metrics/api-metrics.ts";
import { OpenApi } from "./openapi/open-api.ts";
import { ResourceIndex } from "./resource-index.ts";
import { ResourceMetricsApi } from "./resource-metrics/resource-metrics-api.ts";
import { accessReviews } from "./reviews/access-reviews.ts";
import { rulesReview } from "./reviews/rules-review.ts";
import { ServiceAllocation } from "./service-allocation/service-allocation.ts";
import { EventExpiry } from "./storage/event-expiry.ts";

/** Follows the store from its start until it is stopped. */
interface Follower {
  start(): Promise<void>;
  stop(): void;
}

export class ServerParts {
  readonly index: ResourceIndex;
  readonly openApi: OpenApi;
  readonly authentication: Authentication;
  readonly authorization: Authorization;
  readonly admission: Admission;
  readonly namespaces: NamespaceCache;
  readonly flows: FlowControl;
  readonly width: RequestWidth;
  readonly aggregation: Aggregation;
  /** Of requests that store nothing. */
  readonly answers: Answers;
  /** All that is counted. */
  readonly registry = new MetricsRegistry();
  readonly metrics: ApiMetrics;
  readonly #followers: readonly Follower[];

  constructor(options: ApiServerOptions) {
    const { backend, clock, logger, tokenAuthenticators = [] } = options;
    this.index = new ResourceIndex(resourceDefinitions, backend);
    const { index } = this;
    const allocation = new ServiceAllocation(index, options);
    this.metrics = new ApiMetrics(this.registry, index, backend);
    addProcessMetrics(this.registry);
    this.flows = new FlowControl(options);
    addFlowMetrics(this.registry, this.flows);
    this.width = new RequestWidth(index, backend);
    this.namespaces = new NamespaceCache(backend, logger);
    this.authorization = new Authorization(backend, logger);
    const { nodes, roles } = this.authorization;
    this.authentication = new Authentication({
      ...options,
      tokenAuthenticators,
      nodes,
      metrics: this.registry,
    });
    const { accounts, answers } = this.authentication;
    this.answers = { ...accessReviews, ...rulesReview(roles), ...answers, ...podAnswers(index) };
    const caches = new AdmissionCaches(backend, logger);
    const metrics = new AdmissionMetrics(this.registry);
    const plugins = builtInPlugins({
      metrics,
      caches,
      namespaces: this.namespaces,
      accounts,
      authorization: this.authorization,
      index,
      backend,
      clock,
      dialer: options.connector,
      uid: () => options.uid(),
    });
    this.admission = new Admission(plugins, metrics);
    const { proxy } = options;
    const localApis = proxy === undefined ? [] : [new ResourceMetricsApi({ backend, proxy, clock })];
    this.aggregation = new Aggregation({ ...options, index, localApis, metrics: this.registry });
    this.openApi = new OpenApi(index, clock, this.aggregation.descriptions);
    this.#followers = [
      this.flows,
      this.namespaces,
      caches,
      this.authorization,
      this.authentication,
      new EventExpiry(backend, clock, logger),
      new CustomResources({ ...options, index }),
      allocation,
      this.aggregation,
    ];
  }

  /** Reads what must be known of the store, and follows it until {@link stop}. */
  async start(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.start()));
    this.aggregation.registerCustom();
  }

  stop(): void {
    for (const follower of this.#followers) follower.stop();
    this.openApi.stop();
  }
}
