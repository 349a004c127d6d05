import type { Backend } from "../../storage/backend.ts";
import type { RequestInfo } from "../request-info.ts";
import type { ResourceIndex } from "../resource-index.ts";

const objectsPerSeat = 100;
const maxSeats = 10;
const freshMs = 1000;

interface Estimate {
  readonly seats: number;
  readonly atMs: number;
}

/**
 * How many seats a request takes: a list by the number of objects it reads, all others one (kubernetes
 * `apiserver/pkg/util/flowcontrol/request/list_work_estimator.go`).
 */
export class RequestWidth {
  readonly #index: ResourceIndex;
  readonly #backend: Backend;
  readonly #estimates = new Map<string, Estimate>();

  constructor(index: ResourceIndex, backend: Backend) {
    this.#index = index;
    this.#backend = backend;
  }

  of(info: RequestInfo): number {
    if (!info.isResource || info.verb !== "list" || info.name !== "") return 1;
    const limit = Number(info.query.get("limit") ?? 0);
    if (limit > 0) return seatsFor(limit);
    const store = this.#index.store(info.group, info.version, info.resource);
    if (store === undefined) return 1;
    const prefix = store.prefix(info.namespace);
    const known = this.#estimates.get(prefix);
    const nowMs = performance.now();
    if (known === undefined || nowMs - known.atMs > freshMs) this.#refresh(prefix, known?.seats ?? 1, nowMs);
    return known?.seats ?? 1;
  }

  /** Counts for the lists that follow. */
  #refresh(prefix: string, seats: number, atMs: number): void {
    this.#estimates.set(prefix, { seats, atMs });
    this.#backend.range({ prefix, limit: 0 }).then(
      ({ remaining }) => this.#estimates.set(prefix, { seats: seatsFor(remaining), atMs }),
      // The list itself will tell what is wrong with the store.
      () => this.#estimates.delete(prefix),
    );
  }
}

function seatsFor(objects: number): number {
  return Math.min(maxSeats, Math.max(1, Math.ceil(objects / objectsPerSeat)));
}
