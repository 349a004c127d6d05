import type { V1ServiceAccount } from "../../../api/generated/types.ts";
import type { Logger } from "../../../base/logging.ts";
import { storagePrefixOf } from "../../../registry/storage-prefix.ts";
import type { Backend } from "../../../storage/backend.ts";
import { ObjectCache } from "../../storage/object-cache.ts";

/** What requests must know of a ServiceAccount. */
export interface AccountFacts {
  readonly uid: string;
  /** When it was deleted, in milliseconds since the Unix epoch, where it still waits for finalizers. */
  readonly deletedAtMs?: number;
  readonly object: V1ServiceAccount;
}

/** All ServiceAccounts, by `namespace/name`. */
export class AccountCache extends ObjectCache<AccountFacts> {
  constructor(backend: Backend, logger: Logger) {
    super({
      backend,
      logger,
      prefix: storagePrefixOf("", "serviceaccounts"),
      keep(stored) {
        // Only ServiceAccounts are stored under this prefix.
        const object = stored as unknown as V1ServiceAccount;
        const { uid = "", deletionTimestamp } = stored.metadata;
        if (deletionTimestamp === undefined) return { uid, object };
        return { uid, object, deletedAtMs: Date.parse(deletionTimestamp) };
      },
    });
  }
}
