import type { ConnectionInfo } from "../base/http/connection-info.ts";
import { timestamp } from "../base/timestamp.ts";
import type { StrategyContext, Subresource, UserInfo } from "../registry/resource-definition.ts";
import type { Admission } from "./admission/admission.ts";
import type { AuditRecord } from "./audit/auditor.ts";
import type { Authorizer } from "./authorization/authorizer.ts";
import type { Flow } from "./flowcontrol/flow-control.ts";
import type { Answers } from "./handlers/answer.ts";
import type { ApiMetrics } from "./metrics/api-metrics.ts";
import type { OutputFormat } from "./negotiation/output-format.ts";
import type { RequestInfo, ResourceRequestInfo } from "./request-info.ts";
import type { Services } from "./services.ts";
import type { ObjectStore } from "./storage/object-store.ts";

/** A request whose sender is known and allowed to make it. */
export interface RequestContext {
  readonly request: Request;
  readonly connection: ConnectionInfo;
  readonly info: RequestInfo;
  readonly user: UserInfo;
  readonly auditId: string;
  /** The flow that the request belongs to; absent where no schema is for it. */
  readonly flow?: Flow;
  /** What of the request is recorded, where it is. */
  readonly audit?: Pick<AuditRecord, "annotate"> | undefined;
  /** What the client is told beside the answer. */
  readonly warnings: string[];
}

/** A request for a resource. */
export interface ResourceContext extends RequestContext {
  readonly info: ResourceRequestInfo;
  readonly store: ObjectStore;
  /** Absent for the resource itself. */
  readonly subresource?: Subresource;
  readonly format: OutputFormat;
  /** Only objects whose `spec.username` is this are to be seen. */
  readonly requestedBy?: string;
  readonly services: Services;
  readonly admission: Admission;
  readonly metrics: ApiMetrics;
  readonly authorizer: Authorizer;
  /** What answers requests that store nothing. */
  readonly answers: Answers;
}

export function strategyContext(context: ResourceContext): StrategyContext {
  return { user: context.user, now: timestamp(context.services.clock.now()) };
}
