import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Logger } from "../../base/logging.ts";
import { describeBackend } from "../conformance.ts";
import { fastFolder } from "./fast-folder.ts";
import { openSqliteBackend } from "./open-sqlite-backend.ts";

describeBackend("SqliteBackend", async () => {
  const folder = fastFolder();
  const open = () => openSqliteBackend({ path: join(folder, "state.db"), logger: new Logger("error") });
  let backend = open();
  return {
    get backend() {
      return backend;
    },
    reopen: async () => {
      await backend.close();
      backend = open();
      return backend;
    },
    remove: async () => {
      await backend.close();
      await rm(folder, { recursive: true });
    },
  };
});
