import { ImageError } from "./image-service.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads JSON that comes from a registry or an archive. `what` names the document in messages.
 * Throws `invalid-image` unless it is an object.
 */
export function parseJsonObject(text: string, what: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ImageError("invalid-image", `${what} is no JSON`, { cause });
  }
  const object = asObject(value);
  if (object === undefined) throw new ImageError("invalid-image", `${what} is no JSON object`);
  return object;
}

export function asObject(value: unknown): JsonObject | undefined {
  // An object that is no array has text keys, whatever else it is.
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The texts of a list; anything else in it is left out. */
export function asTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** The members of an object that are texts. */
export function asTextMap(value: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [key, text] of Object.entries(asObject(value) ?? {})) {
    if (typeof text === "string") texts[key] = text;
  }
  return texts;
}
