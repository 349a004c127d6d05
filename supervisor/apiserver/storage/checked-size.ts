import { newStorageFailure } from "../../apimachinery/status-errors.ts";

/** What etcd takes in one request by default, and what its client sends at most. */
const maxRequestBytes = 1.5 * 1024 * 1024;
const maxMessageBytes = 2 * 1024 * 1024;
/** A transaction names the key three times and has a few bytes around each part. */
const overheadBytes = 64;

/**
 * Gives back the text of an object that is not larger than clusters with etcd can keep. Throws what these answer for a
 * larger one.
 */
export function checkedSize(key: string, value: string): string {
  // A character is three bytes at most in UTF-8.
  if (value.length * 3 < maxRequestBytes / 2) return value;
  const bytes = Buffer.byteLength(value) + 3 * key.length + overheadBytes;
  if (bytes > maxMessageBytes) {
    throw newStorageFailure(
      `rpc error: code = ResourceExhausted desc = trying to send message larger than max (${bytes} vs. ${maxMessageBytes})`,
    );
  }
  if (bytes > maxRequestBytes) throw newStorageFailure("etcdserver: request is too large");
  return value;
}
