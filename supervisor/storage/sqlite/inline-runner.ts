import type { Database } from "./database.ts";
import { DatabaseWriter } from "./database-writer.ts";
import type { TaskRunner, WriterTask } from "./writer-task.ts";

/** Writes at once by a connection that its caller reads by too, and closes. */
export class InlineRunner implements TaskRunner {
  readonly #writer: DatabaseWriter;

  constructor(db: Database) {
    this.#writer = new DatabaseWriter(db);
  }

  async run(task: WriterTask): Promise<void> {
    this.#writer.run(task);
  }

  async close(): Promise<void> {}
}
