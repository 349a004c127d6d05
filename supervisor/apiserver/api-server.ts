/**
 * The API server: one entry point for requests, whether they come by TLS or from a controller in this process. Each
 * passes the filters and is served by the generic handlers; whatever is thrown on the way becomes a `Status`.
 */
import { Hono } from "hono";
import type { ConnectionInfo } from "../base/http/connection-info.ts";
import { type MetricsRegistry, metricsMediaType } from "../base/metrics/metrics-registry.ts";
import type { LocalRequest } from "./aggregation/local-api.ts";
import type { ProxyCredentials } from "./aggregation/remote-transport.ts";
import type { ApiServerOptions } from "./api-server-options.ts";
import { RequestFilters } from "./filters/request-filters.ts";
import type { HealthCheck } from "./health/health.ts";
import { connectHandler, streamSubject } from "./proxy/pod-streams.ts";
import type { StreamGate, StreamSubject } from "./proxy/stream-dispatcher.ts";
import type { RequestContext } from "./request-context.ts";
import { requestInfo } from "./request-info.ts";
import { ResourceRouter } from "./resource-router.ts";
import { bodyResponse } from "./response/api-response.ts";
import { PageNotFoundError, pageNotFound } from "./response/page-not-found.ts";
import { addPathRoutes, type RouteEnvironment } from "./routes/path-routes.ts";
import { addSecretsEncryptionRoutes } from "./routes/secrets-encryption-routes.ts";
import { ServerParts } from "./server-parts.ts";
import { KeptObjects } from "./system-objects/kept-objects.ts";
import { type AdvertisedAddress, KubernetesService } from "./system-objects/kubernetes-service.ts";
import { prepareCluster } from "./system-objects/prepare-cluster.ts";
import { createSystemObjects } from "./system-objects/system-objects.ts";

const defaultServiceNetwork = "10.43.0.0/16";

export class ApiServer implements StreamGate {
  readonly #options: ApiServerOptions;
  readonly #parts: ServerParts;
  readonly #resources: ResourceRouter;
  readonly #filters: RequestFilters;
  readonly #app = new Hono<RouteEnvironment>();
  readonly #kept: KeptObjects;
  readonly #kubernetes: KubernetesService;
  #ready = false;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#kept = new KeptObjects(options);
    this.#parts = new ServerParts(options);
    const { index } = this.#parts;
    this.#kubernetes = new KubernetesService(index, options, this.#kept, this.#serviceCidr);
    this.#resources = new ResourceRouter(this.#parts, options, connectHandler(options));
    const { authentication, authorization, flows, width, aggregation, metrics } = this.#parts;
    this.#filters = new RequestFilters({
      authenticator: authentication.authenticator,
      anonymous: options.anonymous,
      authorizer: authorization.authorizer,
      flows,
      width,
      metrics,
      auditor: options.auditor,
      clock: options.clock,
      logger: options.logger,
      answer: (context) => {
        const remote = aggregation.remoteOf(context.info);
        if (remote !== undefined) return aggregation.fetch(remote, context);
        const local = aggregation.localOf(context.info);
        if (local !== undefined) return local.fetch(localRequest(context.request));
        return this.#app.fetch(context.request, { context });
      },
    });
    this.#addRoutes();
  }

  #addRoutes(): void {
    const app = this.#app;
    const { backend, healthChecks = [], serverAddress, secretsEncryption } = this.#options;
    const ownChecks: readonly HealthCheck[] = [
      { name: "ping", check: () => {} },
      // Named as probes ask for it, whatever the store is.
      { name: "etcd", check: () => void backend.currentRevision() },
      { name: "poststarthook/start-apiserver", check: () => this.#checkReady() },
    ];
    const checks = [...ownChecks, ...healthChecks];
    const { index, aggregation, openApi } = this.#parts;
    addPathRoutes(app, { index, aggregation, openApi, healthChecks: checks, serverAddress });
    this.#parts.authentication.addRoutes(app);
    app.get("/metrics", (route) => this.#metricsResponse(route.env.context));
    if (secretsEncryption !== undefined) addSecretsEncryptionRoutes(app, secretsEncryption);
    const serve = (route: { readonly env: RouteEnvironment["Bindings"] }) =>
      this.#resources.fetch(route.env.context);
    app.all("/api/*", serve);
    app.all("/apis/*", serve);
    app.notFound((route) => pageNotFound(route.env.context));
    app.onError((error, { env: { context } }) =>
      error instanceof PageNotFoundError ? pageNotFound(context) : this.#filters.fail(context, error),
    );
  }

  async #metricsResponse(context: RequestContext): Promise<Response> {
    return await bodyResponse(context, 200, await this.#parts.registry.text(), metricsMediaType);
  }

  #checkReady(): void {
    if (!this.#ready) throw new Error("The server is starting");
  }

  /** Makes what every cluster has, and begins to follow the store. Resolves when the server is ready. */
  async start(): Promise<void> {
    const { index, namespaces } = this.#parts;
    await prepareCluster(index, namespaces, this.#options, this.#serviceCidr);
    await Promise.all([this.#parts.start(), createSystemObjects(index, this.#options, this.#kept)]);
    this.#ready = true;
  }

  /** Makes the Service `kubernetes` lead to the server. Called after the start, when the port is known. */
  async advertise(address: AdvertisedAddress): Promise<void> {
    await this.#kubernetes.publish(address);
  }

  /** Where the rest of the process counts what `/metrics` shows. */
  get registry(): MetricsRegistry {
    return this.#parts.registry;
  }

  get #serviceCidr(): string {
    return this.#options.serviceCidr ?? defaultServiceNetwork;
  }

  /** Lets go of the store; requests under way are not waited for. */
  stop(): void {
    this.#ready = false;
    this.#kept.stop();
    this.#parts.stop();
    this.#options.auditor?.close();
    this.#options.connector?.stop();
  }

  /** Answers a request. Never rejects. */
  readonly fetch = async (request: Request, connection: ConnectionInfo): Promise<Response> => {
    const info = requestInfo(request.method, request.url);
    const end = this.#parts.metrics.begin(info);
    const response = await this.#filters.fetch(request, connection, info);
    end(response.status);
    return response;
  };

  /** Authenticates and authorizes an upgrade, and finds what it is about. Throws API errors. */
  async admitStream(request: Request, connection: ConnectionInfo): Promise<StreamSubject> {
    const info = requestInfo(request.method, request.url);
    const { aggregation } = this.#parts;
    const remote = aggregation.remoteOf(info);
    return this.#filters.admitUpgrade(request, connection, info, async (context) =>
      remote === undefined
        ? await streamSubject(this.#resources.resourceContext(context))
        : {
            subresource: "elsewhere",
            pass: (head, stream) => aggregation.upgrade(remote, context, head, stream),
          },
    );
  }

  /** Whether another server of the cluster answers requests with such a path. */
  isElsewhere(path: string): boolean {
    return this.#parts.aggregation.remoteOf({ path }) !== undefined;
  }

  /** Takes a renewed certificate into use by which other servers know this one. */
  setProxyCredentials(credentials: ProxyCredentials): void {
    this.#parts.aggregation.setCredentials(credentials);
  }
}

function localRequest({ method, url, headers }: Request): LocalRequest {
  return {
    method,
    target: url.slice(url.indexOf("/", url.indexOf("://") + 3)),
    accept: headers.get("accept") ?? "",
  };
}
