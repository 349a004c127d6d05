import type { Change, WriterTask } from "./writer-task.ts";

/**
 * What the writing thread is asked for; it answers each with one {@link ThreadReply}, in their order. A commit is its
 * bare changes: the engine hands over a list of flat objects at half the cost of one within an object.
 */
export type ThreadRequest =
  | readonly Change[]
  | Exclude<WriterTask, { readonly kind: "commit" }>
  | { readonly kind: "open"; readonly path: string }
  | { readonly kind: "close" };

export interface ThreadReply {
  /** What SQLite threw; an error does not cross threads with its code. */
  readonly failure?: { readonly message: string; readonly code: string | undefined };
}
