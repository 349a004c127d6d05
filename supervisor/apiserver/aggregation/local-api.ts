import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import type { Manifest } from "../system-objects/ensure-object.ts";

/** What of a request a part of this process is told; the user is authenticated and authorized. */
export interface LocalRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly accept: string;
}

/**
 * A group version that a part of this process serves in the way in which other servers do. Its APIService names no
 * Service; where a user makes it name one, that serves the group version instead.
 */
export interface LocalApi {
  /** The APIService, which is made anew where somebody deletes it. */
  readonly registration: Manifest;
  /** What it has, as the discovery document tells it. */
  readonly resources: readonly JsonObject[];
  /** Never rejects. */
  fetch(request: LocalRequest): Promise<Response>;
}
