/** Puts OpenAPI documents together. */
import { kindModel } from "../../api/kind-model.ts";
import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import { kubernetesVersion } from "../../base/version.ts";
import { apiVersionOf, listKindOf, type ResourceDefinition } from "../../registry/resource-definition.ts";
import { nextTurn } from "../handlers/next-turn.ts";
import type { ApiGroup, GroupVersion } from "../resource-index.ts";
import { CustomSchemas } from "./custom-schemas.ts";
import { Definitions } from "./definitions.ts";
import {
  groupPath,
  groupsPath,
  groupVersionPath,
  issuerKeysPath,
  issuerPath,
  versionPath,
  versionsPath,
} from "./discovery-paths.ts";
import { Parameters } from "./parameters.ts";
import { renderPath } from "./render-operations.ts";
import { type DefinitionNames, ResourcePaths } from "./resource-paths.ts";
import { SharedParameters } from "./shared-parameters.ts";
import type { GroupVersionKind, OpenApiVersion, PathItem } from "./spec-types.ts";

const info = { title: "Kubernetes", version: kubernetesVersion };
const bearerToken = {
  type: "apiKey",
  description: "Bearer Token authentication",
  name: "authorization",
  in: "header",
};

/** What a document is about. */
export type Subject =
  | { readonly type: "versions" }
  | { readonly type: "groups" }
  | { readonly type: "version" }
  | { readonly type: "issuer" }
  | { readonly type: "issuerKeys" }
  | { readonly type: "group"; readonly group: string }
  | { readonly type: "groupVersion"; readonly groupVersion: GroupVersion };

/** Builds one document of some subjects. */
class DocumentBuilder {
  readonly #version: OpenApiVersion;
  readonly #groups: readonly ApiGroup[];
  readonly #definitions: Definitions;
  readonly #custom: CustomSchemas;
  readonly #parameters: Parameters;
  /** Of v2. */
  readonly #shared = new SharedParameters();
  readonly #paths = new Map<string, JsonObject>();

  constructor(version: OpenApiVersion, groups: readonly ApiGroup[]) {
    this.#version = version;
    this.#groups = groups;
    this.#definitions = new Definitions(version, (definition, kind) => this.#kindsOf(definition, kind));
    this.#custom = new CustomSchemas(version, this.#definitions);
    this.#parameters = new Parameters(this.#definitions.descriptions);
  }

  /** Adds what a subject has beside resources. */
  add(subject: Subject): void {
    const of = (model: string) => this.#definitions.addModel(model);
    switch (subject.type) {
      case "versions":
        this.#render([versionsPath(of)]);
        return;
      case "groups":
        this.#render([groupsPath(of)]);
        return;
      case "version":
        this.#render([versionPath(of)]);
        return;
      case "issuer":
        this.#render([issuerPath()]);
        return;
      case "issuerKeys":
        this.#render([issuerKeysPath()]);
        return;
      case "group":
        this.#render([groupPath(subject.group, of)]);
        return;
      case "groupVersion":
        this.#render([groupVersionPath(subject.groupVersion, of)]);
    }
  }

  addResource(definition: ResourceDefinition): void {
    for (const model of ["V1Status", "V1DeleteOptions", "V1WatchEvent"]) this.#definitions.addModel(model);
    const names =
      definition.custom === undefined ? this.#builtInNames(definition) : this.#custom.add(definition);
    const of: DefinitionNames["of"] = (model) => {
      const name = this.#definitions.addModel(model);
      return { definition: name, gvk: this.#kindOf(name, name.slice(name.lastIndexOf(".") + 1)) };
    };
    this.#render(new ResourcePaths(definition, { ...names, of }, this.#parameters).paths());
  }

  #builtInNames(definition: ResourceDefinition): Pick<DefinitionNames, "object" | "list"> {
    const object = this.#definitions.addModel(definition.model);
    const list = kindModel(apiVersionOf(definition), listKindOf(definition));
    // What is only created has no list.
    return { object, list: list === undefined ? object : this.#definitions.addModel(list) };
  }

  #kindsOf(definition: string, kind: string): readonly GroupVersionKind[] {
    // Every group version has these as kinds of its own.
    if (kind !== "DeleteOptions" && kind !== "WatchEvent") return [this.#kindOf(definition, kind)];
    const places = this.#groups.flatMap(({ group, versions }) =>
      versions
        .filter(({ definitions }) => definitions.some(({ custom }) => custom === undefined))
        .map(({ version }) => ({ group, version, kind })),
    );
    return places.toSorted((left, right) => (left.group < right.group ? -1 : 1));
  }

  /** The group is told by its first word, which stands in the definition's name. */
  #kindOf(definition: string, kind: string): GroupVersionKind {
    const [short = "", version = ""] = definition.split(".").slice(-3);
    if (short === "core" || short === "meta") return { group: "", version, kind };
    const group = this.#groups.find((known) => known.group.split(".", 1)[0] === short)?.group;
    return { group: group ?? `${short}.k8s.io`, version, kind };
  }

  #render(items: readonly PathItem[]): void {
    const refer = (definition: string) => this.#definitions.ref(definition);
    for (const item of items) {
      const rendered = renderPath(item, this.#version, refer);
      if (this.#version === "v2") this.#shared.share(rendered);
      this.#paths.set(item.path, rendered);
    }
  }

  document(): JsonObject {
    const sorted = Array.from(this.#paths).toSorted(([left], [right]) => (left < right ? -1 : 1));
    const paths: JsonObject = Object.fromEntries(sorted);
    const schemas = this.#definitions.all;
    if (this.#version === "v3") {
      const components = { schemas, securitySchemes: { BearerToken: bearerToken } };
      return { openapi: "3.0.0", info, paths, components };
    }
    return {
      swagger: "2.0",
      info,
      paths,
      definitions: schemas,
      parameters: this.#shared.all,
      securityDefinitions: { BearerToken: bearerToken },
      security: [{ BearerToken: [] }],
    };
  }
}

/** Describes all subjects in one document; others have their turn in between. */
export async function buildDocument(
  version: OpenApiVersion,
  groups: readonly ApiGroup[],
  subjects: readonly Subject[],
): Promise<JsonObject> {
  const builder = new DocumentBuilder(version, groups);
  for (const subject of subjects) {
    builder.add(subject);
    if (subject.type !== "groupVersion") continue;
    for (const definition of subject.groupVersion.definitions) {
      await nextTurn();
      builder.addResource(definition);
    }
  }
  await nextTurn();
  return builder.document();
}
