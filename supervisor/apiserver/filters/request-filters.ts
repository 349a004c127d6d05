/**
 * What every request passes, in this order: authentication, audit, impersonation, authorization, flow control, time-out.
 * What is thrown on the way becomes a `Status`. Upstream queues before it authorizes; here who may not ask takes no seat.
 */
import { newInternalError, newUnauthorized } from "../../apimachinery/status-errors.ts";
import type { Clock } from "../../base/clock.ts";
import type { ConnectionInfo } from "../../base/http/connection-info.ts";
import type { Logger } from "../../base/logging.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";
import type { Auditor, AuditRecord } from "../audit/auditor.ts";
import type { Authentication } from "../authentication/authentication.ts";
import { anonymousUser } from "../authentication/authenticator.ts";
import type { AnonymousSettings } from "../authentication/jwt/jwt-authenticator.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import type { Flow, FlowControl } from "../flowcontrol/flow-control.ts";
import type { RequestWidth } from "../flowcontrol/request-width.ts";
import type { ApiMetrics } from "../metrics/api-metrics.ts";
import type { RequestContext } from "../request-context.ts";
import { isLongRunning, type RequestInfo } from "../request-info.ts";
import { errorResponse } from "../response/api-response.ts";
import { toApiError } from "../storage/storage-errors.ts";
import { authorizeRequest } from "./authorize-request.ts";
import { inTime, requestTimeoutMs } from "./request-timeout.ts";

export interface RequestFiltersOptions {
  readonly authenticator: Authentication["authenticator"];
  /** Which requests of nobody are answered; all where it is absent. */
  readonly anonymous?: AnonymousSettings | undefined;
  readonly authorizer: Authorizer;
  readonly flows: FlowControl;
  readonly width: RequestWidth;
  readonly auditor?: Auditor | undefined;
  /** Counts what requests wait for others. */
  readonly metrics: Pick<ApiMetrics, "waited">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Answers a request that has passed. */
  answer(context: RequestContext): Promise<Response> | Response;
}

export class RequestFilters {
  readonly #options: RequestFiltersOptions;

  constructor(options: RequestFiltersOptions) {
    this.#options = options;
  }

  /** The answer to a request. Never rejects. */
  async fetch(request: Request, connection: ConnectionInfo, info: RequestInfo): Promise<Response> {
    const { authorizer, auditor, clock } = this.#options;
    const auditId = request.headers.get("audit-id") ?? crypto.randomUUID();
    const warnings: string[] = [];
    const audited = { request, connection, info, auditId };
    let record: AuditRecord | undefined;
    let flow: Flow | undefined;
    let response: Response;
    try {
      const sender = await this.#sender(request, connection, info);
      record = auditor?.begin(audited, sender);
      const user = authorizeRequest(authorizer, sender, request.headers, info, record);
      flow = await this.#enterFlow(user, info, connection.signal);
      const known = { audit: record, ...(flow === undefined ? {} : { flow }) };
      const context: RequestContext = { request, connection, info, user, auditId, warnings, ...known };
      const timeoutMs = isLongRunning(info) ? undefined : requestTimeoutMs(info);
      const answer = this.#options.answer(context);
      response = await (timeoutMs === undefined ? answer : inTime(answer, timeoutMs, clock));
    } catch (error) {
      // Who is not known is recorded as nobody.
      record ??= auditor?.begin(audited, anonymousUser);
      response = this.fail({ auditId, warnings, request }, error);
    } finally {
      flow?.release();
    }
    return record?.answered(response) ?? response;
  }

  /** Hands an upgrade that may be made to `open`, which says what it is about. Throws API errors. */
  async admitUpgrade<Subject>(
    request: Request,
    connection: ConnectionInfo,
    info: RequestInfo,
    open: (context: RequestContext) => Promise<Subject>,
  ): Promise<Subject> {
    const { authorizer, auditor } = this.#options;
    const audited = { request, connection, info, auditId: crypto.randomUUID() };
    let record: AuditRecord | undefined;
    try {
      const sender = await this.#sender(request, connection, info);
      record = auditor?.begin(audited, sender);
      const user = authorizeRequest(authorizer, sender, request.headers, info, record);
      const subject = await open({ ...audited, user, warnings: [] });
      record?.upgraded(connection.signal);
      return subject;
    } catch (error) {
      record?.answered(this.fail({ ...audited, warnings: [] }, error));
      throw toApiError(error);
    }
  }

  /** Who asks. Rejects with Unauthorized where it is nobody, and nobody may ask for that path. */
  #sender(request: Request, connection: ConnectionInfo, { path }: RequestInfo): Promise<UserInfo> | UserInfo {
    const { authenticator, anonymous } = this.#options;
    const sender = authenticator.authenticate(request.headers, connection);
    if (anonymous === undefined) return sender;
    const admit = (user: UserInfo): UserInfo => {
      if (user === anonymousUser && !admitsNobody(anonymous, path)) throw newUnauthorized();
      return user;
    };
    return sender instanceof Promise ? sender.then(admit) : admit(sender);
  }

  /** The answer that tells of an error; one that nobody expected is logged. */
  fail(context: Pick<RequestContext, "auditId" | "warnings" | "request">, error: unknown): Response {
    const apiError = toApiError(error);
    if (apiError.code >= 500 && apiError.reason === "InternalError") {
      const cause = error instanceof Error ? error : newInternalError(error);
      this.#options.logger.error("A request failed", { auditId: context.auditId, error: cause });
    }
    return errorResponse(context, apiError);
  }

  /** Takes the request's seats. Streams have none, a watch has them until it has begun. */
  #enterFlow(user: UserInfo, info: RequestInfo, signal: AbortSignal): Promise<Flow> | Flow | undefined {
    if (isLongRunning(info) && info.verb !== "watch") return undefined;
    const { flows, width, metrics } = this.#options;
    const entered = flows.enter(user, info, width.of(info), signal);
    if (!(entered instanceof Promise)) return entered;
    const begun = performance.now();
    return entered.finally(() => metrics.waited(info, performance.now() - begun));
  }
}

function admitsNobody({ enabled, conditions = [] }: AnonymousSettings, path: string): boolean {
  return enabled && (conditions.length === 0 || conditions.some((condition) => condition.path === path));
}
