import type { WriterTask } from "./writer-task.ts";

/** What the writing thread is asked for; it answers each with one {@link ThreadReply}, in their order. */
export type ThreadRequest =
  | WriterTask
  | { readonly kind: "open"; readonly path: string }
  | { readonly kind: "close" };

export interface ThreadReply {
  /** What SQLite threw; an error does not cross threads with its code. */
  readonly failure?: { readonly message: string; readonly code: string | undefined };
}
