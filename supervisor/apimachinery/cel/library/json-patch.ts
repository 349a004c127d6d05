/** `jsonpatch.escapeKey` (apiserver `cel/library/jsonpatch.go`). */
import { declare, type Library } from "../declarations.ts";
import { readsFirst } from "../sizes.ts";
import { text } from "./arguments.ts";

export const jsonPatchLibrary: Library = {
  functions: [
    declare(
      "jsonpatch.escapeKey",
      { "(string) -> string": ([key]) => text(key).replaceAll("~", "~0").replaceAll("/", "~1") },
      readsFirst,
    ),
  ],
};
