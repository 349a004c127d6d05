/**
 * The API server: one entry point for requests, whether they come by TLS or from a controller in this process. Each is
 * authenticated, authorized and served by the generic handlers; whatever is thrown on the way becomes a `Status`.
 */
import { Hono } from "hono";
import { newInternalError, newPathNotFound, newTimeout } from "../apimachinery/status-errors.ts";
import type { ConnectionInfo } from "../base/http/connection-info.ts";
import { fixedResponse } from "../base/http/fixed-response.ts";
import { MetricsRegistry, metricsMediaType } from "../base/metrics/metrics-registry.ts";
import { addProcessMetrics } from "../base/metrics/process-metrics.ts";
import type { TokenKeys } from "../base/pki/token-keys.ts";
import type { UserInfo } from "../registry/resource-definition.ts";
import { resourceDefinitions } from "../registry/resource-definitions.ts";
import type { Backend } from "../storage/backend.ts";
import { Admission } from "./admission/admission.ts";
import { AdmissionCaches } from "./admission/admission-caches.ts";
import { builtInPlugins } from "./admission/built-in-plugins.ts";
import { CustomResources } from "./apiextensions/custom-resources.ts";
import type { Auditor, AuditRecord } from "./audit/auditor.ts";
import { Authentication } from "./authentication/authentication.ts";
import { anonymousUser } from "./authentication/authenticator.ts";
import { impersonatedUser, wantedUser } from "./authentication/impersonation.ts";
import type { TokenAuthenticator } from "./authentication/token-authenticator.ts";
import { Authorization } from "./authorization/authorization.ts";
import { forbidden } from "./authorization/authorizer.ts";
import { reconcilePolicy } from "./authorization/bootstrap-policy/reconcile-policy.ts";
import { seesOwnOnly } from "./authorization/own-requests.ts";
import { EventExpiry } from "./event-expiry.ts";
import { podAnswers } from "./eviction/pod-answers.ts";
import { type Flow, FlowControl } from "./flowcontrol/flow-control.ts";
import { addFlowMetrics } from "./flowcontrol/flow-metrics.ts";
import { RequestWidth } from "./flowcontrol/request-width.ts";
import type { Answers } from "./handlers/answer.ts";
import { type ConnectHandler, dispatch } from "./handlers/dispatch.ts";
import type { HealthCheck } from "./health/health.ts";
import { ApiMetrics } from "./metrics/api-metrics.ts";
import { NamespaceCache } from "./namespace-cache.ts";
import { checkForm } from "./negotiation/check-form.ts";
import { negotiateOutput } from "./negotiation/output-format.ts";
import { outputRules } from "./negotiation/output-rules.ts";
import { addPathRoutes, type RouteEnvironment } from "./path-routes.ts";
import { connectHandler, streamSubject } from "./pod-streams.ts";
import type { ClusterConnector } from "./proxy/cluster-connector.ts";
import type { KubeletProxy } from "./proxy/kubelet-proxy.ts";
import type { StreamGate, StreamSubject } from "./proxy/stream-dispatcher.ts";
import { type RequestContext, type ResourceContext, timestamp } from "./request-context.ts";
import { isLongRunning, type RequestInfo, type ResourceRequestInfo, requestInfo } from "./request-info.ts";
import { requestTimeoutMs } from "./request-timeout.ts";
import { ResourceIndex } from "./resource-index.ts";
import { errorResponse, responseHeaders } from "./response/api-response.ts";
import { accessReviews } from "./reviews/access-reviews.ts";
import { rulesReview } from "./reviews/rules-review.ts";
import { addSecretsEncryptionRoutes, type EncryptionAdministration } from "./secrets-encryption-routes.ts";
import { ServiceAllocation } from "./service-allocation/service-allocation.ts";
import type { Services } from "./services.ts";
import { toApiError } from "./storage/storage-errors.ts";
import { createSystemNamespaces, keepSystemNamespaces } from "./system-namespaces.ts";
import { ensureObject } from "./system-objects/ensure-object.ts";
import {
  type AdvertisedAddress,
  defaultServiceCidr,
  publishKubernetesService,
} from "./system-objects/kubernetes-service.ts";
import { createSystemObjects } from "./system-objects/system-objects.ts";

export interface ApiServerOptions extends Services {
  readonly backend: Backend;
  /** Sign and verify ServiceAccount tokens. */
  readonly serviceAccountKeys: TokenKeys;
  /** Asked before those of ServiceAccounts and bootstrap tokens: a token file, say. */
  readonly tokenAuthenticators?: readonly TokenAuthenticator[];
  /** Reaches the hosts; without it their logs and streams are refused. */
  readonly proxy?: KubeletProxy;
  /** Reaches Pods and Services; without it webhooks are asked by URL only. */
  readonly connector?: ClusterConnector;
  readonly secretsEncryption?: EncryptionAdministration;
  readonly auditor?: Auditor;
  /** Beside those of the server itself. */
  readonly healthChecks?: readonly HealthCheck[];
  /** Where clients reach the server, `host:port`, for discovery. */
  readonly serverAddress: string;
  /** The network of the Services, 10.43.0.0/16 where nobody says. */
  readonly serviceCidr?: string;
}

const defaultServiceNetwork = "10.43.0.0/16";

export class ApiServer implements StreamGate {
  readonly #options: ApiServerOptions;
  readonly #index: ResourceIndex;
  readonly #authentication: Authentication;
  readonly #authorization: Authorization;
  readonly #admission: Admission;
  readonly #caches: AdmissionCaches;
  readonly #answers: Answers;
  readonly #connect: ConnectHandler;
  readonly #app = new Hono<RouteEnvironment>();
  readonly #namespaces: NamespaceCache;
  readonly #expiry: EventExpiry;
  readonly #customResources: CustomResources;
  readonly #flows: FlowControl;
  readonly #width: RequestWidth;
  readonly #allocation: ServiceAllocation;
  readonly #registry = new MetricsRegistry();
  readonly #metrics: ApiMetrics;
  #ready = false;

  constructor(options: ApiServerOptions) {
    const { backend, clock, logger } = options;
    this.#options = options;
    this.#index = new ResourceIndex(resourceDefinitions, backend);
    this.#allocation = new ServiceAllocation(this.#index, options);
    this.#metrics = new ApiMetrics(this.#registry, this.#index, backend);
    addProcessMetrics(this.#registry);
    this.#flows = new FlowControl(options);
    addFlowMetrics(this.#registry, this.#flows);
    this.#width = new RequestWidth(this.#index, backend);
    this.#namespaces = new NamespaceCache(backend, logger);
    this.#authorization = new Authorization(backend, logger);
    this.#expiry = new EventExpiry(backend, clock, logger);
    this.#customResources = new CustomResources({ ...options, index: this.#index });
    this.#authentication = new Authentication({
      ...options,
      tokenAuthenticators: options.tokenAuthenticators ?? [],
      nodes: this.#authorization.nodes,
    });
    this.#answers = {
      ...accessReviews,
      ...rulesReview(this.#authorization.roles),
      ...this.#authentication.answers,
      ...podAnswers(this.#index),
    };
    this.#caches = new AdmissionCaches(backend, logger);
    this.#admission = new Admission(
      builtInPlugins({
        caches: this.#caches,
        namespaces: this.#namespaces,
        accounts: this.#authentication.accounts,
        authorization: this.#authorization,
        index: this.#index,
        backend,
        clock,
        dialer: options.connector,
        uid: () => options.uid(),
      }),
    );
    this.#connect = connectHandler(options);
    this.#addRoutes();
  }

  #addRoutes(): void {
    const app = this.#app;
    const { healthChecks = [], serverAddress } = this.#options;
    const ownChecks: readonly HealthCheck[] = [
      { name: "ping", check: () => {} },
      { name: "storage", check: () => void this.#options.backend.currentRevision() },
      { name: "poststarthook/start-apiserver", check: () => this.#checkReady() },
    ];
    const { clock } = this.#options;
    const checks = [...ownChecks, ...healthChecks];
    addPathRoutes(app, { index: this.#index, healthChecks: checks, clock, serverAddress });
    this.#authentication.addRoutes(app);
    app.get("/metrics", (route) => this.#metricsResponse(route.env.context));
    const { secretsEncryption } = this.#options;
    if (secretsEncryption !== undefined) addSecretsEncryptionRoutes(app, secretsEncryption);
    const serve = (route: { readonly env: RouteEnvironment["Bindings"] }) =>
      this.#serveResource(route.env.context);
    app.all("/api/*", serve);
    app.all("/apis/*", serve);
    app.notFound((route) => errorResponse(route.env.context, newPathNotFound()));
    app.onError((error, route) => this.#fail(route.env.context, error));
  }

  async #metricsResponse(context: RequestContext): Promise<Response> {
    return fixedResponse(await this.#registry.text(), {
      status: 200,
      headers: responseHeaders(context, metricsMediaType),
    });
  }

  #checkReady(): void {
    if (!this.#ready) throw new Error("The server is starting");
  }

  /** Makes what every cluster has, and begins to follow the store. Resolves when the server is ready. */
  async start(): Promise<void> {
    const namespaces = this.#index.store("", "v1", "namespaces");
    if (namespaces !== undefined) {
      await createSystemNamespaces(namespaces, this.#options);
      keepSystemNamespaces(this.#namespaces, namespaces, this.#options);
    }
    const networks = this.#index.store("networking.k8s.io", "v1", "servicecidrs");
    const now = timestamp(this.#options.clock.now());
    if (networks !== undefined) {
      await ensureObject(networks, this.#options, defaultServiceCidr(this.#serviceCidr, now));
    }
    await reconcilePolicy(this.#index, this.#options);
    await Promise.all([
      this.#flows.start(),
      this.#namespaces.start(),
      this.#caches.start(),
      this.#authorization.start(),
      this.#authentication.start(),
      this.#expiry.start(),
      this.#customResources.start(),
      this.#allocation.start(),
      createSystemObjects(this.#index, this.#options),
    ]);
    this.#ready = true;
  }

  /** Makes the Service `kubernetes` lead to the server. Called after the start, when the port is known. */
  async advertise(address: AdvertisedAddress): Promise<void> {
    await publishKubernetesService(this.#index, this.#options, this.#serviceCidr, address);
  }

  get #serviceCidr(): string {
    return this.#options.serviceCidr ?? defaultServiceNetwork;
  }

  /** Lets go of the store; requests under way are not waited for. */
  stop(): void {
    this.#ready = false;
    this.#flows.stop();
    this.#namespaces.stop();
    this.#caches.stop();
    this.#authorization.stop();
    this.#authentication.stop();
    this.#expiry.stop();
    this.#customResources.stop();
    this.#allocation.stop();
    this.#options.auditor?.close();
    this.#options.connector?.stop();
  }

  /** Answers a request. Never rejects. */
  readonly fetch = async (request: Request, connection: ConnectionInfo): Promise<Response> => {
    const info = requestInfo(request.method, request.url);
    const end = this.#metrics.begin(info);
    const response = await this.#answer(request, connection, info);
    end(response.status);
    return response;
  };

  async #answer(request: Request, connection: ConnectionInfo, info: RequestInfo): Promise<Response> {
    const auditId = request.headers.get("audit-id") ?? crypto.randomUUID();
    const warnings: string[] = [];
    const audited = { request, connection, info, auditId };
    let record: AuditRecord | undefined;
    let flow: Flow | undefined;
    let response: Response;
    try {
      const sender = await this.#authentication.authenticator.authenticate(request.headers, connection);
      record = this.#options.auditor?.begin(audited, sender);
      const user = this.#admit(sender, request.headers, info, record);
      flow = await this.#enterFlow(user, info, connection.signal);
      const known = { audit: record, ...(flow === undefined ? {} : { flow }) };
      const context: RequestContext = { request, connection, info, user, auditId, warnings, ...known };
      const timeoutMs = isLongRunning(info) ? undefined : requestTimeoutMs(info);
      const answer = this.#app.fetch(request, { context });
      response = await (timeoutMs === undefined ? answer : this.#inTime(answer, timeoutMs));
    } catch (error) {
      // Who is not known is recorded as nobody.
      record ??= this.#options.auditor?.begin(audited, anonymousUser);
      response = this.#fail({ auditId, warnings, request }, error);
    } finally {
      flow?.release();
    }
    return record?.answered(response) ?? response;
  }

  /** Takes the request's seats. Streams have none, a watch has them until it has begun. */
  #enterFlow(user: UserInfo, info: RequestInfo, signal: AbortSignal): Promise<Flow> | Flow | undefined {
    if (isLongRunning(info) && info.verb !== "watch") return undefined;
    return this.#flows.enter(user, info, this.#width.of(info), signal);
  }

  /** Rejects with a time-out where the answer takes too long; the work may still be completed. */
  async #inTime(answer: Promise<Response> | Response, timeoutMs: number): Promise<Response> {
    if (!(answer instanceof Promise)) return answer;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const cancel = this.#options.clock.after(timeoutMs, () => {
      reject(newTimeout("request did not complete within the allotted timeout"));
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      cancel();
    }
  }

  /** The user as whom the sender may make the request. Throws Forbidden. */
  #admit(sender: UserInfo, headers: Headers, info: RequestInfo, record?: AuditRecord): UserInfo {
    const user = this.#impersonated(sender, headers, info);
    if (user !== sender) record?.impersonated(user);
    const verdict = this.#authorization.authorizer.authorize(user, info);
    const isAllowed = verdict.decision === "allow";
    record?.annotate("authorization.k8s.io/decision", isAllowed ? "allow" : "forbid");
    record?.annotate("authorization.k8s.io/reason", verdict.reason);
    if (!isAllowed) throw forbidden(user, info, verdict.reason);
    return user;
  }

  /** The user that the sender wants to be and may be, mostly itself. Throws Forbidden. */
  #impersonated(sender: UserInfo, headers: Headers, info: RequestInfo): UserInfo {
    const wanted = wantedUser(headers);
    if (wanted === undefined) return sender;
    return impersonatedUser(this.#authorization.authorizer, sender, wanted, info);
  }

  async #serveResource(context: RequestContext): Promise<Response> {
    return dispatch(this.#resourceContext(context), this.#connect);
  }

  /** Throws NotFound for what the API does not have, and NotAcceptable. */
  #resourceContext(context: RequestContext): ResourceContext {
    const { info } = context;
    if (!info.isResource) throw newPathNotFound();
    const store = this.#index.store(info.group, info.version, info.resource);
    if (store === undefined) throw newPathNotFound();
    const { custom } = store.definition;
    if (custom?.deprecationWarning !== undefined) context.warnings.push(custom.deprecationWarning);
    const subresource = this.#subresource(info);
    const format = negotiateOutput(
      context.request.headers.get("accept"),
      outputRules(info, store.definition),
    );
    checkForm(format, info, store.definition);
    return {
      ...context,
      info,
      store,
      format,
      services: this.#options,
      admission: this.#admission,
      metrics: this.#metrics,
      authorizer: this.#authorization.authorizer,
      answers: this.#answers,
      ...(subresource === undefined ? {} : { subresource }),
      ...(seesOwnOnly(context.user, info) ? { requestedBy: context.user.name } : {}),
    };
  }

  #subresource(info: ResourceRequestInfo) {
    if (info.subresource === "") return undefined;
    const definition = this.#index.store(info.group, info.version, info.resource)?.definition;
    const subresource = definition?.subresources[info.subresource];
    if (subresource === undefined) throw newPathNotFound();
    return subresource;
  }

  /** Authenticates and authorizes an upgrade, and finds what it is about. Throws API errors. */
  async admitStream(request: Request, connection: ConnectionInfo): Promise<StreamSubject> {
    const info = requestInfo(request.method, request.url);
    const audited = { request, connection, info, auditId: crypto.randomUUID() };
    let record: AuditRecord | undefined;
    try {
      const sender = await this.#authentication.authenticator.authenticate(request.headers, connection);
      record = this.#options.auditor?.begin(audited, sender);
      const user = this.#admit(sender, request.headers, info, record);
      const subject = await streamSubject(this.#resourceContext({ ...audited, user, warnings: [] }));
      record?.upgraded(connection.signal);
      return subject;
    } catch (error) {
      record?.answered(this.#fail({ ...audited, warnings: [] }, error));
      throw toApiError(error);
    }
  }

  #fail(context: Pick<RequestContext, "auditId" | "warnings" | "request">, error: unknown): Response {
    const apiError = toApiError(error);
    if (apiError.code >= 500 && apiError.reason === "InternalError") {
      const cause = error instanceof Error ? error : newInternalError(error);
      this.#options.logger.error("A request failed", { auditId: context.auditId, error: cause });
    }
    return errorResponse(context, apiError);
  }
}
