/** The entry point of the thread that writes to a database: the other side of {@link ThreadRunner}. */
import { messageOf } from "../../base/errors.ts";
import { configureConnection } from "./configure-connection.ts";
import { type Database, openDatabase, sqliteCode } from "./database.ts";
import { DatabaseWriter } from "./database-writer.ts";
import type { ThreadReply, ThreadRequest } from "./thread-message.ts";

// In a worker the global scope is its own end of the channel.
declare const self: Worker;

let db: Database | undefined;
let writer: DatabaseWriter | undefined;

function serve(request: ThreadRequest): void {
  if ("kind" in request && request.kind === "close") {
    db?.close();
  } else if ("kind" in request && request.kind === "open") {
    db = openDatabase(request.path);
    configureConnection(db);
    writer = new DatabaseWriter(db);
  } else if (writer === undefined) {
    throw new Error("The database is not open");
  } else {
    writer.run("kind" in request ? request : { kind: "commit", changes: request });
  }
}

self.onmessage = ({ data }: MessageEvent<ThreadRequest>): void => {
  let reply: ThreadReply = {};
  try {
    serve(data);
  } catch (error) {
    reply = { failure: { message: messageOf(error), code: sqliteCode(error) } };
  }
  self.postMessage(reply);
};
