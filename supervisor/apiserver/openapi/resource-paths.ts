/** The paths and operations of a resource (kubernetes `apiserver/pkg/endpoints/installer.go`). */
import { apiEncoder } from "../../api/message-set.ts";
import type { ResourceDefinition, Subresource } from "../../registry/resource-definition.ts";
import { subresourceVerbs, verbsOf } from "../discovery/verbs.ts";
import { groupVersionTag, operationId, titled, withArticle } from "./operation-names.ts";
import { bodyParameter, type Parameters, type QueryKind } from "./parameters.ts";
import type { GroupVersionKind, Operation, Parameter, PathItem } from "./spec-types.ts";

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
const statusDefinition = `${meta}.Status`;
const namespaceDefinition = "io.k8s.api.core.v1.Namespace";
const textTypes = ["application/json", "application/yaml"];
const protobuf = "application/vnd.kubernetes.protobuf";

const jsonPatchTypes = ["application/json-patch+json", "application/merge-patch+json"];
const patchTypes = [
  ...jsonPatchTypes,
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];
const customPatchTypes = [...jsonPatchTypes, "application/apply-patch+yaml"];

/** What a resource's definitions are called in the document at hand. */
export interface DefinitionNames {
  readonly object: string;
  readonly list: string;
  /** Of another kind that a subresource takes. */
  of(model: string): { readonly definition: string; readonly gvk: GroupVersionKind };
}

/** The kind that a subresource takes and gives. */
interface Target {
  readonly kind: string;
  readonly definition: string;
  /** Where it is not the resource's own. */
  readonly gvk?: GroupVersionKind;
}

interface OperationFacts {
  readonly method: string;
  readonly action: string;
  readonly description: string;
  readonly id: string;
  readonly parameters: readonly Parameter[];
  readonly consumes?: readonly string[];
  readonly produces?: readonly string[];
  readonly definition: string;
  /** The codes of success. */
  readonly codes: readonly number[];
  readonly kind?: GroupVersionKind;
}

const codeTexts: Readonly<Record<number, string>> = { 200: "OK", 201: "Created", 202: "Accepted" };

export class ResourcePaths {
  readonly #definition: ResourceDefinition;
  readonly #names: DefinitionNames;
  readonly #parameters: Parameters;
  readonly #collection: string;

  constructor(definition: ResourceDefinition, names: DefinitionNames, parameters: Parameters) {
    this.#definition = definition;
    this.#names = names;
    this.#parameters = parameters;
    const { namespaced, resource } = definition;
    this.#collection = `${namespaced ? "/namespaces/{namespace}" : ""}/${resource}`;
  }

  get #root(): string {
    const { group, version } = this.#definition;
    return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  }

  get #scope(): string {
    return this.#definition.namespaced ? "Namespaced" : "";
  }

  get #isCustom(): boolean {
    return this.#definition.custom !== undefined;
  }

  /** All paths, the old ones of watches among them. */
  paths(): readonly PathItem[] {
    const { kind, namespaced, resource } = this.#definition;
    const verbs = new Set(verbsOf(this.#definition));
    const root = this.#root;
    const item = `${root}${this.#collection}/{name}`;
    const found: PathItem[] = [
      { path: `${root}${this.#collection}`, operations: this.#collectionOperations(verbs) },
      { path: item, operations: this.#itemOperations(verbs, "", { kind, definition: this.#names.object }) },
      ...Object.entries(this.#definition.subresources).flatMap(([name, subresource]) =>
        this.#subresourcePaths(`${item}/${name}`, name, subresource),
      ),
    ];
    if (namespaced && verbs.has("list")) {
      found.push({ path: `${root}/${resource}`, operations: [this.#list(`${kind}ForAllNamespaces`, false)] });
    }
    if (verbs.has("watch") && !this.#isCustom) found.push(...this.#watchPaths());
    return found.filter(({ operations }) => operations.length > 0);
  }

  #operation(facts: OperationFacts): Operation {
    const { group, version, kind } = this.#definition;
    const { definition } = facts;
    return {
      method: facts.method,
      description: facts.description,
      operationId: facts.id,
      tags: [groupVersionTag(this.#definition)],
      consumes: facts.consumes ?? (this.#isCustom ? textTypes : ["*/*"]),
      produces: facts.produces ?? this.#types(),
      parameters: facts.parameters,
      responses: [
        ...facts.codes.map((code) => [code, codeTexts[code] ?? "", definition] as const),
        [401, "Unauthorized"],
      ],
      action: facts.action,
      kind: facts.kind ?? { group, version, kind },
    };
  }

  #types(): readonly string[] {
    return apiEncoder.has(this.#definition.model) ? [...textTypes, protobuf] : textTypes;
  }

  #watchTypes(): readonly string[] {
    if (this.#isCustom) return textTypes;
    return [...this.#types(), "application/json;stream=watch", `${protobuf};stream=watch`];
  }

  #id(verb: string, rest: string): string {
    return operationId(verb, this.#definition, rest);
  }

  #path(isItem: boolean, kind: string, inNamespace = this.#definition.namespaced): readonly Parameter[] {
    return [
      ...(isItem ? [this.#parameters.name(kind)] : []),
      ...(inNamespace ? [this.#parameters.namespace()] : []),
    ];
  }

  #list(rest: string, inNamespace: boolean): Operation {
    const { kind } = this.#definition;
    const isWatched = verbsOf(this.#definition).includes("watch");
    return this.#operation({
      method: "get",
      action: "list",
      description: `list${isWatched && !this.#isCustom ? " or watch" : ""} objects of kind ${kind}`,
      id: this.#id("list", rest),
      parameters: [...this.#parameters.query("list"), ...this.#path(false, kind, inNamespace)],
      produces: this.#watchTypes(),
      definition: this.#names.list,
      codes: [200],
    });
  }

  #collectionOperations(verbs: ReadonlySet<string>): Operation[] {
    const { kind, namespaced } = this.#definition;
    const operations: Operation[] = [];
    if (verbs.has("list")) operations.push(this.#list(`${this.#scope}${kind}`, namespaced));
    if (verbs.has("create")) {
      operations.push(
        this.#operation({
          method: "post",
          action: "post",
          description: `create${withArticle(kind)}`,
          id: this.#id("create", `${this.#scope}${kind}`),
          parameters: this.#bodied("write", false, kind, this.#names.object),
          definition: this.#names.object,
          codes: [200, 201, 202],
        }),
      );
    }
    if (verbs.has("deletecollection")) {
      operations.push(
        this.#operation({
          method: "delete",
          action: "deletecollection",
          description: `delete collection of ${kind}`,
          id: this.#id("delete", `Collection${this.#scope}${kind}`),
          parameters: this.#bodied("deletecollection", false, kind, `${meta}.DeleteOptions`),
          definition: statusDefinition,
          codes: [200],
        }),
      );
    }
    return operations;
  }

  #bodied(query: QueryKind, isItem: boolean, kind: string, body: string): readonly Parameter[] {
    return [
      bodyParameter(body, !body.endsWith(".DeleteOptions")),
      ...this.#parameters.query(query),
      ...this.#path(isItem, kind),
    ];
  }

  #itemOperations(verbs: ReadonlySet<string>, subresource: string, target: Target): Operation[] {
    const { kind } = this.#definition;
    const of = subresource === "" ? "" : `${subresource} of `;
    const rest = `${this.#scope}${kind}${titled(subresource)}`;
    const { definition } = target;
    const common = { definition, ...(target.gvk === undefined ? {} : { kind: target.gvk }) };
    const operations: Operation[] = [];
    if (verbs.has("get")) {
      const parameters = [...this.#parameters.query("read"), ...this.#path(true, target.kind)];
      const description = `read ${of}the specified ${kind}`;
      const id = this.#id("read", rest);
      operations.push(
        this.#operation({
          ...common,
          method: "get",
          action: "get",
          description,
          id,
          parameters,
          codes: [200],
        }),
      );
    }
    if (verbs.has("update")) {
      const parameters = this.#bodied("write", true, target.kind, definition);
      const description = `replace ${of}the specified ${kind}`;
      const id = this.#id("replace", rest);
      operations.push(
        this.#operation({
          ...common,
          method: "put",
          action: "put",
          description,
          id,
          parameters,
          codes: [200, 201],
        }),
      );
    }
    if (verbs.has("delete") && subresource === "") operations.push(this.#deletion(rest));
    if (verbs.has("patch")) {
      const parameters = this.#bodied("patch", true, target.kind, `${meta}.Patch`);
      const description = `partially update ${of}the specified ${kind}`;
      const consumes = this.#isCustom ? customPatchTypes : patchTypes;
      const codes = this.#isCustom ? [200] : [200, 201];
      const id = this.#id("patch", rest);
      operations.push(
        this.#operation({
          ...common,
          method: "patch",
          action: "patch",
          description,
          id,
          parameters,
          consumes,
          codes,
        }),
      );
    }
    return operations;
  }

  #deletion(rest: string): Operation {
    const { kind, strategy } = this.#definition;
    // Upstream says so of Namespaces, although they are given back while they end.
    const returnsObject = strategy.returnsDeletedObject && this.#names.object !== namespaceDefinition;
    return this.#operation({
      method: "delete",
      action: "delete",
      description: `delete${withArticle(kind)}`,
      id: this.#id("delete", rest),
      parameters: this.#bodied("delete", true, kind, `${meta}.DeleteOptions`),
      definition: returnsObject ? this.#names.object : statusDefinition,
      codes: [200, 202],
    });
  }

  #subresourcePaths(path: string, name: string, subresource: Subresource): readonly PathItem[] {
    if (subresource.type === "connect") {
      return name === "log" ? [this.#logPath(path)] : this.#streamPaths(path, name, subresource);
    }
    const target = this.#target(subresource);
    const { kind } = this.#definition;
    if (subresource.type !== "action" && subresource.type !== "answer") {
      const verbs = new Set(subresourceVerbs(subresource));
      return [{ path, operations: this.#itemOperations(verbs, name, target) }];
    }
    const create = this.#operation({
      method: "post",
      action: "post",
      description: `create ${name} of${withArticle(kind)}`,
      id: this.#id("create", `${this.#scope}${kind}${titled(name)}`),
      parameters: this.#bodied("write", true, target.kind, target.definition),
      definition: target.definition,
      codes: [200, 201, 202],
      ...(target.gvk === undefined ? {} : { kind: target.gvk }),
    });
    return [{ path, operations: [create] }];
  }

  #target(subresource: Exclude<Subresource, { readonly type: "connect" }>): Target {
    if (subresource.type === "part") return { kind: this.#definition.kind, definition: this.#names.object };
    return { kind: subresource.kind, ...this.#names.of(subresource.model) };
  }

  #logPath(path: string): PathItem {
    const { kind } = this.#definition;
    const read = this.#operation({
      method: "get",
      action: "get",
      description: `read log of the specified ${kind}`,
      id: this.#id("read", `${this.#scope}${kind}Log`),
      parameters: [...this.#parameters.options("PodLogOptions"), ...this.#path(true, kind)],
      produces: ["text/plain", ...this.#types()],
      definition: "",
      codes: [200],
    });
    return { path, operations: [read] };
  }

  #streamPaths(
    path: string,
    name: string,
    { kind, methods }: Extract<Subresource, { readonly type: "connect" }>,
  ): readonly PathItem[] {
    const operations = (rest: string, more: readonly Parameter[]) =>
      methods.map((method) =>
        this.#operation({
          method: method.toLowerCase(),
          action: "connect",
          description: `connect ${method} requests to ${name} of ${this.#definition.kind}`,
          id: this.#id(
            "connect",
            `${titled(method.toLowerCase())}${this.#scope}${this.#definition.kind}${rest}`,
          ),
          parameters: [...this.#parameters.options(kind), ...this.#path(true, kind), ...more],
          produces: ["*/*"],
          definition: "",
          codes: [200],
          kind: { group: "", version: "v1", kind },
        }),
      );
    const found = [{ path, operations: operations(titled(name), []) }];
    if (name !== "proxy") return found;
    const rest = operations(`${titled(name)}WithPath`, [this.#parameters.rest()]);
    return [...found, { path: `${path}/{path}`, operations: rest }];
  }

  /** What was there before LIST took `watch`. */
  #watchPaths(): readonly PathItem[] {
    const { kind, namespaced, resource } = this.#definition;
    const root = `${this.#root}/watch`;
    const advice = "deprecated: use the 'watch' parameter with a list operation instead";
    const list = (path: string, rest: string, inNamespace: boolean): PathItem => ({
      path,
      operations: [
        this.#watch({
          action: "watchlist",
          description: `watch individual changes to a list of ${kind}. ${advice}.`,
          id: this.#id("watch", rest),
          parameters: [...this.#parameters.query("list"), ...this.#path(false, kind, inNamespace)],
        }),
      ],
    });
    const item: PathItem = {
      path: `${root}${this.#collection}/{name}`,
      operations: [
        this.#watch({
          action: "watch",
          description: `watch changes to an object of kind ${kind}. ${advice}, filtered to a single item with the 'fieldSelector' parameter.`,
          id: this.#id("watch", `${this.#scope}${kind}`),
          parameters: [...this.#parameters.query("list"), ...this.#path(true, kind)],
        }),
      ],
    };
    const found = [list(`${root}${this.#collection}`, `${this.#scope}${kind}List`, namespaced), item];
    if (namespaced) found.push(list(`${root}/${resource}`, `${kind}ListForAllNamespaces`, false));
    return found;
  }

  #watch(facts: Pick<OperationFacts, "action" | "description" | "id" | "parameters">): Operation {
    const definition = `${meta}.WatchEvent`;
    return this.#operation({
      ...facts,
      method: "get",
      produces: this.#watchTypes(),
      definition,
      codes: [200],
    });
  }
}
