import type { Definition } from "./custom-version.ts";
import { type ObjectConverter, renamingConverter } from "./text-converter.ts";

/** What a definition's conversion strategy says. */
export function converterOf(_definition: Definition): ObjectConverter {
  return renamingConverter;
}
