import type { V1CustomResourceDefinition } from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import type { Api } from "./api.ts";

export const definitionsPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

export interface DefinitionOptions {
  readonly scope?: "Namespaced" | "Cluster";
  /** The first of them is stored. */
  readonly versions?: readonly string[];
  /** The group before `.example.com`; one of its own otherwise. */
  readonly group?: string;
  readonly kind?: string;
  /** Any object where it is absent. */
  readonly schema?: object;
  readonly labels?: Readonly<Record<string, string>>;
}

const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

/** A custom resource whose definition is there. */
export interface CustomResource {
  readonly definition: V1CustomResourceDefinition;
  readonly definitionPath: string;
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly apiVersion: string;
  /** The collection's path in the first version. */
  path(namespace?: string): string;
}

/** Defines a resource of a random name; it is served when this resolves. */
export async function defineResource(api: Api, options: DefinitionOptions = {}): Promise<CustomResource> {
  const unique = Math.random().toString(36).slice(2, 8);
  const { versions = ["v1"], schema = anything, scope = "Namespaced", labels = {} } = options;
  const group = `${options.group ?? `group-${unique}`}.example.com`;
  const kind = options.kind ?? `Kind${unique}`;
  const singular = kind.toLowerCase();
  const plural = `${singular}s`;
  const body = {
    metadata: { name: `${plural}.${group}`, labels },
    spec: {
      group,
      scope,
      names: { plural, singular, kind, listKind: `${kind}List` },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema: schema },
      })),
    },
  };
  await api.create<object>(definitionsPath, body);
  const definitionPath = `${definitionsPath}/${plural}.${group}`;
  const apiVersion = `${group}/${versions[0]}`;
  const definition = await eventually(`${plural}.${group} is established`, 20_000, async () => {
    const found = await api.get<V1CustomResourceDefinition>(definitionPath);
    const isEstablished = found.status?.conditions?.some(
      ({ type, status }) => type === "Established" && status === "True",
    );
    const answer = await api.call("GET", `/apis/${apiVersion}/${plural}`);
    return isEstablished && answer.status === 200 && found;
  });
  const path = (namespace?: string): string =>
    `/apis/${apiVersion}/${namespace === undefined ? "" : `namespaces/${namespace}/`}${plural}`;
  return { definition, definitionPath, group, kind, plural, apiVersion, path };
}
