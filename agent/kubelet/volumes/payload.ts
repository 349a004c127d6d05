import { posix } from "node:path";
import { messageOf } from "../../../supervisor/base/errors.ts";

/** A file of a volume, before its owner's group is known. */
interface PayloadFile {
  readonly content: Uint8Array;
  readonly mode: number;
  /** Root where absent. */
  readonly owner?: number;
}

/** The files of a volume, by their path below it. */
export type Payload = Map<string, PayloadFile>;

/** Why a volume cannot be had, in the kubelet's words. */
export class VolumeError extends Error {
  override readonly name = "VolumeError";
}

/** The path as it is below the volume: without `.`, doubled and ending slashes. */
export function payloadPath(path: string): string {
  return posix.normalize(path).replace(/\/$/, "");
}

/** One error of several, as apimachinery's `Aggregate` prints them. */
export function aggregate(errors: readonly unknown[]): VolumeError {
  const texts = [...new Set(errors.map((error) => messageOf(error)))];
  const [only] = errors;
  const text = texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
  return new VolumeError(text, { cause: only });
}
