import type { CoreV1Event, V1ObjectReference } from "../api/generated/types.ts";
import { ApiError, isNotFound } from "../apimachinery/errors.ts";
import { type Clock, clockSleep, systemClock } from "../base/clock.ts";
import { asError } from "../base/errors.ts";
import type { Logger } from "../base/logging.ts";
import { timestamp } from "../base/timestamp.ts";
import { Backoff } from "./backoff.ts";
import { EventCorrelator, touch } from "./event-correlator.ts";
import type { EventRecorder, KubernetesClient, KubernetesObject, ResourceClient } from "./types.ts";

const eventsResource = { group: "", version: "v1", resource: "events" };
/** Events that wait for the API server; more are dropped, as client-go does. */
const maxWaiting = 1000;
/** How often an event is tried while no API server answers, as in client-go. */
const maxTries = 12;

export interface EventRecorderOptions {
  /** The event's source, as `kubelet` or `default-scheduler`. */
  readonly component: string;
  /** The node that the source runs on, for a kubelet. */
  readonly host?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Gives up what still waits to be sent. */
  readonly signal?: AbortSignal;
}

interface Recorded {
  readonly name: string;
  readonly count: number;
}

/** Makes a recorder of `v1` Events: equal ones raise the count of the first (client-go's `EventRecorder`). */
export function createEventRecorder(client: KubernetesClient, options: EventRecorderOptions): EventRecorder {
  return new CoreEventRecorder(client, options);
}

class CoreEventRecorder implements EventRecorder {
  readonly #client: KubernetesClient;
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #correlator = new EventCorrelator();
  readonly #recorded = new Map<string, Recorded>();
  #waiting = 0;
  #sequence = 0;
  /** The sending of all events so far, one after another, so that counts and order are right. */
  #sending: Promise<void> = Promise.resolve();

  constructor(client: KubernetesClient, options: EventRecorderOptions) {
    this.#client = client;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  event(
    object: KubernetesObject,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    fieldPath?: string,
  ): void {
    const involvedObject = referenceTo(object, fieldPath);
    const { uid = "", namespace = "", name = "" } = involvedObject;
    const source = `${involvedObject.kind} ${namespace}/${name} ${uid} ${fieldPath ?? ""}`;
    const found = this.#correlator.correlate({ objectKey: source, type, reason, message }, this.#clock.now());
    if (found === undefined) return;
    if (this.#waiting >= maxWaiting) {
      this.#options.logger?.warn("Too many events wait, dropping one", { reason, object: source });
      return;
    }
    this.#waiting++;
    const event = this.#render(involvedObject, type, reason, found.message);
    this.#sending = this.#sending.then(() => this.#send(found.key, event)).finally(() => this.#waiting--);
  }

  #render(involvedObject: V1ObjectReference, type: string, reason: string, message: string): CoreV1Event {
    const { component, host } = this.#options;
    const now = new Date(this.#clock.now());
    const time = timestamp(now.getTime());
    this.#sequence = (this.#sequence + 1) % 1_000_000;
    const unique = BigInt(now.getTime()) * 1_000_000n + BigInt(this.#sequence);
    return {
      kind: "Event",
      apiVersion: "v1",
      metadata: {
        name: `${involvedObject.name ?? ""}.${unique.toString(16)}`,
        namespace: involvedObject.namespace || "default",
      },
      involvedObject,
      reason,
      message,
      type,
      source: { component, ...(host === undefined ? {} : { host }) },
      reportingComponent: component,
      reportingInstance: host ?? "",
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    };
  }

  async #send(key: string, event: CoreV1Event): Promise<void> {
    const { signal } = this.#options;
    const backoff = new Backoff({ initialMs: 500, maxMs: 10_000 });
    for (let attempt = 1; !signal?.aborted; attempt++) {
      try {
        return await this.#record(key, event);
      } catch (error) {
        if (error instanceof ApiError || attempt === maxTries) return this.#noteLoss(event, error);
        await clockSleep(this.#clock, backoff.next(), signal);
      }
    }
  }

  async #record(key: string, event: CoreV1Event): Promise<void> {
    const events = this.#client.resource<CoreV1Event>(eventsResource, event.metadata.namespace);
    const known = this.#recorded.get(key);
    const recorded = known === undefined ? undefined : await countUp(events, known, event);
    touch(this.#recorded, key, recorded ?? (await createEvent(events, event)));
  }

  #noteLoss(event: CoreV1Event, error: unknown): void {
    const cause = asError(error);
    this.#options.logger?.warn("Cannot record an event", { reason: event.reason, error: cause });
  }
}

/** Raises the count of an event that was sent before; undefined where the server has forgotten it. */
async function countUp(
  events: ResourceClient<CoreV1Event>,
  known: Recorded,
  event: CoreV1Event,
): Promise<Recorded | undefined> {
  const count = known.count + 1;
  const { message, lastTimestamp } = event;
  try {
    await events.patch(known.name, { count, message, lastTimestamp }, "application/merge-patch+json");
    return { name: known.name, count };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function createEvent(events: ResourceClient<CoreV1Event>, event: CoreV1Event): Promise<Recorded> {
  await events.create(event);
  return { name: event.metadata.name ?? "", count: 1 };
}

function referenceTo(object: KubernetesObject, fieldPath: string | undefined): V1ObjectReference {
  const { apiVersion, kind } = object;
  const { namespace, name, uid, resourceVersion } = object.metadata ?? {};
  const fields = { apiVersion, kind, namespace, name, uid, resourceVersion, fieldPath };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
