import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import type { ObjectMeta } from "../../apimachinery/object-meta.ts";
import { orderedMeta } from "../storage/object-codec.ts";
import type { TextConverter } from "./converting-backend.ts";
import type { CustomVersion } from "./custom-version.ts";

/** Changes objects from one version into another: what a definition's conversion strategy says. */
export interface ObjectConverter {
  /**
   * The objects in the version `apiVersion`, in the same order; those in it already are left alone. A promise where
   * somebody has to be asked. Throws InternalError.
   */
  convert(
    objects: readonly JsonObject[],
    apiVersion: string,
  ): readonly JsonObject[] | Promise<readonly JsonObject[]>;
}

/** Versions differ by their names only (`conversion.strategy: None`). */
export const renamingConverter: ObjectConverter = {
  convert(objects, apiVersion) {
    for (const object of objects) object.apiVersion = apiVersion;
    return objects;
  },
};

function parsed(text: string): JsonObject {
  // What is stored are objects.
  return JSON.parse(text) as JsonObject;
}

/** Texts as one version has them, of objects that are stored in the version `storage`. */
export function textConverter(
  version: CustomVersion,
  storage: CustomVersion,
  converter: ObjectConverter,
): TextConverter {
  const storedHead = `{"kind":"${storage.kind}","apiVersion":"${storage.apiVersion}",`;
  const finish = (objects: readonly JsonObject[]): readonly string[] =>
    objects.map((object) => {
      version.read(object);
      return textOf(object);
    });
  return {
    isCurrent: (text) => text.startsWith(storedHead),
    read(texts) {
      const objects = converter.convert(texts.map(parsed), version.apiVersion);
      return objects instanceof Promise ? objects.then(finish) : finish(objects);
    },
    write(text) {
      if (version === storage) return text;
      const finishOne = ([object = {}]: readonly JsonObject[]): string => {
        storage.prune(object);
        return textOf(object);
      };
      const objects = converter.convert([parsed(text)], storage.apiVersion);
      return objects instanceof Promise ? objects.then(finishOne) : finishOne(objects);
    },
  };
}

/** All texts of objects begin alike. */
function textOf({ kind, apiVersion, metadata, ...fields }: JsonObject): string {
  // Objects have metadata.
  return JSON.stringify({ kind, apiVersion, metadata: orderedMeta(metadata as ObjectMeta), ...fields });
}
