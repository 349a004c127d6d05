/** One change of a commit, decided already: what it replaces and its revision are settled. */
export interface Change {
  readonly revision: number;
  /** The revision that created the key: this one where the change does. */
  readonly createRevision: number;
  readonly key: string;
  /** Undefined where the key is deleted. */
  readonly value: string | undefined;
}

/** What the connection that writes is asked for. Each task is a transaction of its own. */
export type WriterTask =
  | { readonly kind: "commit"; readonly changes: readonly Change[] }
  /** Records up to where the history is compacted. */
  | { readonly kind: "compacted"; readonly revision: number }
  /** Removes the history up to a revision. */
  | { readonly kind: "purge"; readonly revision: number }
  /** Gives as many free pages back to the file system. */
  | { readonly kind: "vacuum"; readonly pages: number };

/** Runs tasks one after another, in the order of the calls. */
export interface TaskRunner {
  /** Resolves when the task is durable. Rejects with SQLite's error when it has changed nothing. */
  run(task: WriterTask): Promise<void>;
  /** Waits for what runs, and closes the connection. No task may follow. */
  close(): Promise<void>;
}
