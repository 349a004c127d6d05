import type { ApiObject } from "../../apimachinery/object-meta.ts";

/** Ends what was begun: keeps what was reserved, or gives it back where the write failed. */
export type FinishWrite = (isWritten: boolean) => Promise<void>;

/**
 * What a kind reserves elsewhere for its objects, as Services do with addresses and ports (kubernetes generic registry,
 * `BeginCreate`, `BeginUpdate`, `AfterDelete`). Called with what admission has let through, before strategy and
 * validation; the object may be changed. With dry run nothing is reserved.
 */
export interface WriteHooks {
  beginCreate(object: ApiObject, dryRun: boolean): Promise<FinishWrite>;
  beginUpdate(object: ApiObject, old: ApiObject, dryRun: boolean): Promise<FinishWrite>;
  /** Called when the object is gone, before the deletion is answered. */
  afterDelete(object: ApiObject): Promise<void>;
}
