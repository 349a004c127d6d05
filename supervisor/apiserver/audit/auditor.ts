/** Records of requests (audit.k8s.io/v1 `Event`), as the policy wants them. */
import { gunzipSync } from "node:zlib";
import { parse as parseYaml } from "yaml";
import type { Clock } from "../../base/clock.ts";
import type { ConnectionInfo } from "../../base/http/connection-info.ts";
import { microTimestamp } from "../../base/timestamp.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";
import { isLongRunning, type RequestInfo } from "../request-info.ts";
import type { AuditLog } from "./audit-log.ts";
import { type AuditDecision, type AuditPolicy, type AuditStage, auditDecision } from "./audit-policy.ts";

export interface AuditedRequest {
  readonly request: Request;
  readonly connection: ConnectionInfo;
  readonly info: RequestInfo;
  readonly auditId: string;
}

/** One request's record; its methods are called in the order of the request's stages. */
export interface AuditRecord {
  /** Somebody acts as another user. */
  impersonated(user: UserInfo): void;
  /** Adds to the record what a plug-in or the authorizer found. */
  annotate(key: string, value: string): void;
  /** The answer is there, and of a watch or a stream its beginning. Returns what is to be sent instead of it. */
  answered(response: Response): Response;
  /** The connection was handed over to a stream, which ends with the signal. */
  upgraded(signal: AbortSignal): void;
}

export class Auditor {
  readonly #policy: AuditPolicy;
  readonly #log: AuditLog;
  readonly #clock: Clock;

  constructor(policy: AuditPolicy, log: AuditLog, clock: Clock) {
    this.#policy = policy;
    this.#log = log;
    this.#clock = clock;
  }

  /** Begins the record of a request whose sender is known; undefined where the policy wants none. */
  begin(audited: AuditedRequest, user: UserInfo): AuditRecord | undefined {
    const decision = auditDecision(this.#policy, user, audited.info);
    if (decision.level === "None") return undefined;
    return new RequestRecord(audited, user, decision, this.#clock, (event) => this.#log.write(event));
  }

  /** Writes what is pending. */
  close(): void {
    this.#log.close();
  }
}

class RequestRecord implements AuditRecord {
  readonly #audited: AuditedRequest;
  readonly #decision: AuditDecision;
  readonly #clock: Clock;
  readonly #write: (event: object) => void;
  readonly #user: UserInfo;
  readonly #received: string;
  readonly #annotations: Record<string, string> = {};
  readonly #requestText: Promise<string> | undefined;
  #impersonated: UserInfo | undefined;

  constructor(
    audited: AuditedRequest,
    user: UserInfo,
    decision: AuditDecision,
    clock: Clock,
    write: (event: object) => void,
  ) {
    this.#audited = audited;
    this.#user = user;
    this.#decision = decision;
    this.#clock = clock;
    this.#write = write;
    this.#received = microTimestamp(clock.now());
    const { request } = audited;
    const hasBody = !["GET", "HEAD"].includes(request.method);
    if (decision.level !== "Metadata" && hasBody) this.#requestText = request.clone().text();
    this.#record("RequestReceived", {});
  }

  impersonated(user: UserInfo): void {
    this.#impersonated = user;
  }

  annotate(key: string, value: string): void {
    this.#annotations[key] = value;
  }

  answered(response: Response): Response {
    const status = { metadata: {}, code: response.status };
    const { body } = response;
    if (isLongRunning(this.#audited.info) && body !== null && response.ok) {
      this.#record("ResponseStarted", { responseStatus: status });
      const followed = untilEnd(body, () => this.#record("ResponseComplete", { responseStatus: status }));
      return new Response(followed, response);
    }
    void this.#complete(response, status);
    return response;
  }

  upgraded(signal: AbortSignal): void {
    const more = { responseStatus: { metadata: {}, code: 101 } };
    this.#record("ResponseStarted", more);
    signal.addEventListener("abort", () => this.#record("ResponseComplete", more), { once: true });
  }

  async #complete(response: Response, status: object): Promise<void> {
    const wantsAnswer = this.#decision.level === "RequestResponse" || response.status >= 400;
    const [requestObject, answer] = await Promise.all([
      this.#requestText?.then((text) => this.#object(text)),
      wantsAnswer ? answerText(response.clone()).then((text) => this.#object(text)) : undefined,
    ]);
    const isFailure = response.status >= 400 && isRecord(answer) && answer.kind === "Status";
    this.#record("ResponseComplete", {
      responseStatus: isFailure ? failureOf(answer) : status,
      ...(requestObject === undefined ? {} : { requestObject }),
      ...(this.#decision.level === "RequestResponse" && answer !== undefined
        ? { responseObject: answer }
        : {}),
    });
  }

  #object(text: string): unknown {
    let object: unknown;
    try {
      object = text === "" ? undefined : parseYaml(text, { version: "1.1", logLevel: "error" });
    } catch {
      return undefined;
    }
    if (this.#decision.omitManagedFields) omitManagedFields(object);
    return isRecord(object) ? object : undefined;
  }

  #record(stage: AuditStage, more: object): void {
    if (this.#decision.omitStages.has(stage)) return;
    const { request, connection, info, auditId } = this.#audited;
    const url = new URL(request.url);
    const agent = request.headers.get("user-agent");
    this.#write({
      kind: "Event",
      apiVersion: "audit.k8s.io/v1",
      level: this.#decision.level,
      auditID: auditId,
      stage,
      requestURI: url.pathname + url.search,
      verb: info.verb,
      user: userOf(this.#user),
      ...(this.#impersonated === undefined ? {} : { impersonatedUser: userOf(this.#impersonated) }),
      sourceIPs: [connection.remoteAddress],
      ...(agent === null ? {} : { userAgent: agent }),
      ...(info.isResource ? { objectRef: objectReference(info) } : {}),
      ...more,
      requestReceivedTimestamp: this.#received,
      stageTimestamp: microTimestamp(this.#clock.now()),
      ...(Object.keys(this.#annotations).length === 0 ? {} : { annotations: { ...this.#annotations } }),
    });
  }
}

function userOf({ name, uid, groups, extra }: UserInfo): object {
  return {
    username: name,
    ...(uid === undefined || uid === "" ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(extra === undefined ? {} : { extra }),
  };
}

function objectReference(info: Extract<RequestInfo, { readonly isResource: true }>): object {
  const { resource, namespace, name, group, version, subresource } = info;
  return {
    resource,
    ...(namespace === "" ? {} : { namespace }),
    ...(name === "" ? {} : { name }),
    ...(group === "" ? {} : { apiGroup: group }),
    apiVersion: version,
    ...(subresource === "" ? {} : { subresource }),
  };
}

/** A failure without the details that its object would repeat. */
function failureOf({ status, message, reason, code }: Readonly<Record<string, unknown>>): object {
  return { metadata: {}, status, message, reason, code };
}

/** What is read of an answer; a clone of one lacks what else Bun's own have. */
interface AnswerParts {
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** The same bytes; calls back once when they have ended or nobody wants more of them. */
function untilEnd(body: ReadableStream<Uint8Array>, end: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        end();
        controller.close();
      },
      async cancel(reason) {
        end();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

async function answerText(response: AnswerParts): Promise<string> {
  if (response.headers.get("content-encoding") !== "gzip") return response.text();
  return gunzipSync(await response.arrayBuffer()).toString("utf8");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function omitManagedFields(object: unknown): void {
  if (!isRecord(object)) return;
  if (isRecord(object.metadata)) Reflect.deleteProperty(object.metadata, "managedFields");
  if (Array.isArray(object.items)) object.items.forEach(omitManagedFields);
}
