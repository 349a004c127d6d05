import type { Database } from "./database.ts";

/**
 * What each connection needs. Reading by mmap, larger pages and a longer log were measured: they gain nothing that
 * shows, and mmap counts as memory.
 */
export function configureConnection(db: Database): void {
  db.pragma("synchronous = FULL");
  db.pragma("cache_size = -8192");
  db.pragma("temp_store = MEMORY");
  db.pragma("journal_size_limit = 16777216");
  db.pragma("cell_size_check = ON");
}
