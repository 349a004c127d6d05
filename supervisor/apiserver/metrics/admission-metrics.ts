/** What admission counts, by the names of kube-apiserver (apiserver `admission/metrics`, `policy/validating/metrics`). */
import type { HistogramSeries, MetricsRegistry } from "../../base/metrics/metrics-registry.ts";

/** Upper bounds in seconds. */
const stepBounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5];
const webhookBounds = [...stepBounds, 10, 25];
const policyBounds = [0.0000005, 0.001, 0.01, 0.1, 1];

/** Codes above this count as this one: a webhook may make up any. */
const maxCode = 600;

export type WebhookStep = "admit" | "validating";
export type WebhookErrorType = "calling_webhook_error" | "apiserver_internal_error" | "no_error";
export type PolicyErrorType = "compile_error" | "invalid_error" | "out_of_budget" | "no_error";

/** Which webhook was asked about what. */
export interface WebhookQuestion {
  readonly name: string;
  readonly type: WebhookStep;
  readonly operation: string;
}

/** A validation of a policy that did not hold, and what became of it. */
export interface PolicyCheck {
  readonly policy: string;
  readonly policy_binding: string;
  readonly error_type: PolicyErrorType;
  readonly enforcement_action: "allow" | "deny" | "audit" | "warn";
}

export class AdmissionMetrics {
  readonly #steps: ReturnType<MetricsRegistry["histogram"]>;
  /** Kept by operation, since each write observes two. */
  readonly #stepSeries = new Map<string, HistogramSeries>();
  readonly #webhookSeconds: ReturnType<MetricsRegistry["histogram"]>;
  readonly #webhookRequests: ReturnType<MetricsRegistry["values"]>;
  readonly #webhookRejections: ReturnType<MetricsRegistry["values"]>;
  readonly #webhookFailOpen: ReturnType<MetricsRegistry["values"]>;
  readonly #policyChecks: ReturnType<MetricsRegistry["values"]>;
  readonly #policySeconds: ReturnType<MetricsRegistry["histogram"]>;

  constructor(registry: MetricsRegistry) {
    const prefix = "apiserver_admission_";
    const policyPrefix = "apiserver_validating_admission_policy_";
    this.#steps = registry.histogram(
      `${prefix}step_admission_duration_seconds`,
      "Latency in seconds of the steps of admission, by operation and type (validate or admit).",
      stepBounds,
    );
    this.#webhookSeconds = registry.histogram(
      `${prefix}webhook_admission_duration_seconds`,
      "Latency in seconds of admission webhooks, by name, operation and type.",
      webhookBounds,
    );
    this.#webhookRequests = registry.values(
      "counter",
      `${prefix}webhook_request_total`,
      "Requests to admission webhooks, by name, operation, type and code.",
    );
    this.#webhookRejections = registry.values(
      "counter",
      `${prefix}webhook_rejection_count`,
      "Requests that admission webhooks have rejected, by name, operation, type, kind of error and code.",
    );
    this.#webhookFailOpen = registry.values(
      "counter",
      `${prefix}webhook_fail_open_count`,
      "Requests that went on although an admission webhook could not be called, by name and type.",
    );
    this.#policyChecks = registry.values(
      "counter",
      `${policyPrefix}check_total`,
      "Validations of policies that did not hold, by policy, binding, kind of error and action.",
    );
    this.#policySeconds = registry.histogram(
      `${policyPrefix}check_duration_seconds`,
      "Latency in seconds of validations of policies, by policy, binding, kind of error and action.",
      policyBounds,
    );
  }

  /** One of the two steps of a request has come to its end. */
  step(type: "admit" | "validate", operation: string, seconds: number, rejected: boolean): void {
    const key = `${type} ${operation} ${rejected}`;
    const known = this.#stepSeries.get(key);
    const series = known ?? this.#steps({ type, operation, rejected: String(rejected) });
    if (known === undefined) this.#stepSeries.set(key, series);
    series.observe(seconds);
  }

  /** A webhook has answered, or could not. */
  webhook(question: WebhookQuestion, seconds: number, code: number, rejected: boolean): void {
    const labels = { ...question, rejected: String(rejected) };
    this.#webhookSeconds(labels).observe(seconds);
    this.#webhookRequests({ ...labels, code: bounded(code) }).add(1);
  }

  webhookRejection(question: WebhookQuestion, errorType: WebhookErrorType, code: number): void {
    this.#webhookRejections({ ...question, error_type: errorType, rejection_code: bounded(code) }).add(1);
  }

  webhookFailOpen({ name, type }: WebhookQuestion): void {
    this.#webhookFailOpen({ name, type }).add(1);
  }

  policyCheck(check: PolicyCheck, seconds: number): void {
    const labels = { ...check };
    this.#policyChecks(labels).add(1);
    this.#policySeconds(labels).observe(seconds);
  }
}

function bounded(code: number): string {
  return String(Math.min(code, maxCode));
}
