import type { V1APIResourceList, V1JSONSchemaProps } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import { readJson } from "../../client/response.ts";
import type { GroupVersionResource, Transport } from "../../client/types.ts";

/** What a server serves: which kinds there are, and their schemas. */
export interface ServedKinds {
  kindOf(resource: GroupVersionResource): Promise<string | undefined>;
  /** In the OpenAPI form; undefined for what is not served. */
  schemaOf(apiVersion: string, kind: string): Promise<V1JSONSchemaProps | undefined>;
}

type NamedSchema = V1JSONSchemaProps & {
  readonly "x-kubernetes-group-version-kind"?: ReadonlyArray<{ readonly kind: string }>;
};

interface Description {
  readonly components?: { readonly schemas?: Readonly<Record<string, NamedSchema>> };
}

/** Reads discovery and descriptions, each document once. */
export function servedKinds(transport: Transport): ServedKinds {
  const documents = new Map<string, Promise<unknown>>();
  const read = async (path: string): Promise<unknown> => {
    const known = documents.get(path) ?? readFound(transport, path);
    documents.set(path, known);
    return known;
  };
  return {
    async kindOf({ group, version, resource }) {
      const path = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
      // The path is one of resource lists.
      const list = (await read(path)) as V1APIResourceList | undefined;
      return list?.resources.find(({ name }) => name === resource)?.kind;
    },
    async schemaOf(apiVersion, kind) {
      const path = apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
      // The path is one of descriptions.
      const description = (await read(`/openapi/v3/${path}`)) as Description | undefined;
      return Object.values(description?.components?.schemas ?? {}).find((schema) =>
        schema["x-kubernetes-group-version-kind"]?.some((named) => named.kind === kind),
      );
    },
  };
}

async function readFound(transport: Transport, path: string): Promise<unknown> {
  try {
    return await readJson(await transport.fetch(path));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
