import { ImageError } from "../image-service.ts";

/**
 * Reads the records of a PAX extended header, `<length> <key>=<value>\n`, as byte strings. GNU's oldest sparse format
 * repeats two keys; they are gathered under `GNU.sparse.map`, as in the format after it. Throws `invalid-image`.
 */
export function parsePaxRecords(body: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  const sparse: string[] = [];
  let start = 0;
  while (start < body.length) {
    const space = body.indexOf(0x20, start);
    const digits = space < 0 ? "" : body.toString("latin1", start, space);
    const end = start + Number(digits);
    if (!/^[0-9]{1,10}$/.test(digits) || end > body.length || end <= space || body[end - 1] !== 0x0a) {
      throw broken();
    }
    const equals = body.indexOf(0x3d, space);
    if (equals < 0 || equals >= end) throw broken();
    const key = body.toString("latin1", space + 1, equals);
    const value = body.toString("latin1", equals + 1, end - 1);
    if (key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes") sparse.push(value);
    else records.set(key, value);
    start = end;
  }
  if (sparse.length > 0) records.set("GNU.sparse.map", sparse.join(","));
  return records;
}

/** A decimal number of a record, its fraction dropped; undefined where it is absent or empty. Throws `invalid-image`. */
export function paxNumber(records: ReadonlyMap<string, string>, key: string): number | undefined {
  const text = records.get(key);
  if (text === undefined || text === "") return undefined;
  const value = Math.floor(Number(text));
  if (!/^-?[0-9]+(\.[0-9]*)?$/.test(text) || !Number.isSafeInteger(value)) {
    throw new ImageError("invalid-image", `tar archive has a PAX header with ${key} that is no number`);
  }
  return value;
}

function broken(): ImageError {
  return new ImageError("invalid-image", "tar archive has a broken PAX header");
}
