/**
 * API priority and fairness (flowcontrol.apiserver.k8s.io; KEP-1040): each request belongs to a flow of a schema and
 * takes seats of its priority level. Unlike upstream each flow has a queue of its own instead of some among many, and
 * seats that a level leaves are lent at once instead of every ten seconds.
 */
import type { V1FlowSchema, V1PriorityLevelConfiguration } from "../../api/generated/types.ts";
import { newTooManyRequests } from "../../apimachinery/status-errors.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logging.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";
import type { Backend } from "../../storage/backend.ts";
import type { RequestInfo } from "../request-info.ts";
import { ObjectCache } from "../storage/object-cache.ts";
import { flowOf, inOrder, matchesSchema } from "./flow-schema.ts";
import { type LevelLimits, PriorityLevel, type Release, type SeatPool } from "./priority-level.ts";

/** A quarter of what a request may take in all. */
const patienceMs = 15_000;
const retryAfterSeconds = 1;
const maxClassifications = 10_000;

export interface FlowControlOptions {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How many requests may be served at once; 400 that read and 200 that write, as upstream. */
  readonly seats?: number;
}

export interface Flow {
  readonly schemaUid: string;
  readonly levelUid: string;
  /** Ends the request's use of its seats. */
  readonly release: Release;
}

interface Classified {
  readonly schema: V1FlowSchema;
  readonly level: V1PriorityLevelConfiguration;
  /** Absent for an exempt level. */
  readonly seats?: PriorityLevel;
}

const nothing: Release = () => {};

export class FlowControl implements SeatPool {
  readonly #clock: Clock;
  readonly #seats: number;
  readonly #schemas: ObjectCache<V1FlowSchema>;
  readonly #configurations: ObjectCache<V1PriorityLevelConfiguration>;
  #ordered: readonly V1FlowSchema[] = [];
  readonly #levels = new Map<string, PriorityLevel>();
  /** What was found for requests alike. */
  readonly #known = new Map<string, Classified | undefined>();
  #isStale = true;

  constructor({ backend, clock, logger, seats = 600 }: FlowControlOptions) {
    this.#clock = clock;
    this.#seats = seats;
    const cache = <T>(resource: string) =>
      new ObjectCache<T>({
        backend,
        logger,
        prefix: `/registry/${resource}/`,
        // Only objects of this kind are stored there.
        keep: (object) => object as T,
      });
    this.#schemas = cache("flowschemas");
    this.#configurations = cache("prioritylevelconfigurations");
  }

  async start(): Promise<void> {
    for (const cache of [this.#schemas, this.#configurations]) {
      await cache.start();
      cache.onChange(() => {
        this.#isStale = true;
      });
    }
  }

  stop(): void {
    this.#schemas.stop();
    this.#configurations.stop();
  }

  /**
   * Takes a request's seats; undefined where no schema is for it. Throws TooManyRequests where too many requests wait,
   * or its time to wait is over.
   */
  enter(
    user: UserInfo,
    info: RequestInfo,
    width: number,
    signal: AbortSignal,
  ): Promise<Flow> | Flow | undefined {
    if (this.#isStale) this.#refresh();
    const classified = this.#classify(user, info);
    if (classified === undefined) return undefined;
    const { schema, level, seats } = classified;
    const made = (release: Release | undefined): Flow => {
      if (release === undefined) {
        throw newTooManyRequests("Too many requests, please try again later.", retryAfterSeconds);
      }
      return { schemaUid: schema.metadata?.uid ?? "", levelUid: level.metadata?.uid ?? "", release };
    };
    if (seats === undefined) return made(nothing);
    const flow = `${schema.metadata?.name} ${flowOf(schema, user, info)}`;
    const entered = seats.enter(flow, width, patienceMs, signal);
    return entered instanceof Promise ? entered.then(made) : made(entered);
  }

  maySpare(level: PriorityLevel, width: number): boolean {
    let taken = width;
    for (const other of this.#levels.values()) {
      taken += other === level ? other.used : Math.max(other.used, other.limits.guaranteed);
    }
    return taken <= this.#seats;
  }

  freed(): void {
    for (const level of this.#levels.values()) if (level.waiting > 0) level.serve();
  }

  /** Requests that wait and seats in use, by level, for the metrics. */
  levels(): Iterable<PriorityLevel> {
    return this.#levels.values();
  }

  #classify(user: UserInfo, info: RequestInfo): Classified | undefined {
    const what = info.isResource
      ? `${info.verb} ${info.group} ${info.resource}/${info.subresource} ${info.namespace}`
      : `${info.verb} ${info.path}`;
    const key = `${user.name}\n${user.groups.join("\n")}\n${what}`;
    if (this.#known.has(key)) return this.#known.get(key);
    const schema = this.#ordered.find((candidate) => matchesSchema(candidate, user, info));
    const name = schema?.spec?.priorityLevelConfiguration.name ?? "";
    const level = this.#configurations.get(name);
    const seats = this.#levels.get(name);
    const found = schema && level && { schema, level, ...(seats === undefined ? {} : { seats }) };
    if (this.#known.size >= maxClassifications) this.#known.clear();
    this.#known.set(key, found);
    return found;
  }

  #refresh(): void {
    this.#isStale = false;
    this.#known.clear();
    const usable = Array.from(this.#schemas.values()).filter(
      ({ spec }) => this.#configurations.get(spec?.priorityLevelConfiguration.name ?? "") !== undefined,
    );
    this.#ordered = inOrder(usable);
    const limited = Array.from(this.#configurations.values()).filter(({ spec }) => spec?.type === "Limited");
    const shares = Array.from(this.#configurations.values(), sharesOf).reduce((sum, own) => sum + own, 0);
    const names = new Set<string>();
    for (const configuration of limited) {
      const name = configuration.metadata?.name ?? "";
      const limits = limitsOf(configuration, this.#seats / Math.max(1, shares), this.#seats);
      names.add(name);
      const level = this.#levels.get(name);
      if (level === undefined) this.#levels.set(name, new PriorityLevel(name, limits, this, this.#clock));
      else level.limits = limits;
    }
    // A level that is gone serves those who wait in it.
    for (const [name, level] of this.#levels) {
      if (!names.has(name) && level.used === 0 && level.waiting === 0) this.#levels.delete(name);
    }
  }
}

const defaultShares = 30;

function sharesOf({ spec }: V1PriorityLevelConfiguration): number {
  if (spec?.type === "Exempt") return spec.exempt?.nominalConcurrencyShares ?? 0;
  return spec?.limited?.nominalConcurrencyShares ?? defaultShares;
}

function limitsOf(configuration: V1PriorityLevelConfiguration, perShare: number, all: number): LevelLimits {
  const { limited } = configuration.spec ?? {};
  const seats = Math.ceil(sharesOf(configuration) * perShare);
  const { lendablePercent = 0, borrowingLimitPercent, limitResponse } = limited ?? {};
  const { queues = 64, queueLengthLimit = 50, handSize = 8 } = limitResponse?.queuing ?? {};
  const queueing = limitResponse?.type === "Queue";
  const borrowed =
    borrowingLimitPercent === undefined ? all : Math.round((seats * borrowingLimitPercent) / 100);
  return {
    seats,
    guaranteed: seats - Math.round((seats * lendablePercent) / 100),
    mostSeats: Math.min(all, seats + borrowed),
    queueLimit: queueing ? queues * queueLengthLimit : 0,
    flowQueueLimit: queueing ? handSize * queueLengthLimit : 0,
  };
}
