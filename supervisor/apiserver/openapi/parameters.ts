/** The parameters of requests, by what the request does. */
import type { Descriptions } from "../../api/descriptions.ts";
import type { Parameter } from "./spec-types.ts";

const types: Readonly<Record<string, string>> = {
  allowWatchBookmarks: "boolean",
  follow: "boolean",
  force: "boolean",
  gracePeriodSeconds: "integer",
  ignoreStoreReadErrorWithClusterBreakingPotential: "boolean",
  insecureSkipTLSVerifyBackend: "boolean",
  limit: "integer",
  limitBytes: "integer",
  orphanDependents: "boolean",
  ports: "integer",
  previous: "boolean",
  sendInitialEvents: "boolean",
  sinceSeconds: "integer",
  stderr: "boolean",
  stdin: "boolean",
  stdout: "boolean",
  tailLines: "integer",
  timeoutSeconds: "integer",
  timestamps: "boolean",
  tty: "boolean",
  watch: "boolean",
};

const selecting = [
  "continue",
  "fieldSelector",
  "labelSelector",
  "limit",
  "resourceVersion",
  "resourceVersionMatch",
  "sendInitialEvents",
  "shardSelector",
  "timeoutSeconds",
];
const deleting = [
  "dryRun",
  "gracePeriodSeconds",
  "ignoreStoreReadErrorWithClusterBreakingPotential",
  "orphanDependents",
  "propagationPolicy",
];
const writing = ["dryRun", "fieldManager", "fieldValidation"];

/** The parameters in the query, and whose descriptions they have. */
const queries = {
  list: ["List", ["allowWatchBookmarks", ...selecting, "pretty", "watch"]],
  write: ["Create", [...writing, "pretty"]],
  patch: ["Patch", [...writing, "force", "pretty"]],
  delete: ["DeleteCollection", [...deleting, "pretty"]],
  deletecollection: ["DeleteCollection", [...deleting, ...selecting, "pretty"]],
  read: ["List", ["pretty"]],
} as const satisfies Record<string, readonly [string, readonly string[]]>;

export type QueryKind = keyof typeof queries;

/** Makes parameters with their descriptions. */
export class Parameters {
  readonly #texts: Descriptions["parameters"];

  constructor({ parameters }: Descriptions) {
    this.#texts = parameters;
  }

  query(kind: QueryKind): readonly Parameter[] {
    const [source, names] = queries[kind];
    return names.map((name) => this.#query(source, name));
  }

  /** Those of a stream: all that its options have. */
  options(kind: string): readonly Parameter[] {
    const source = kind.replace(/Options$/, "").replace("PortForward", "Portforward");
    const names = Object.keys(this.#texts[source] ?? {}).filter(
      (name) => !["name", "namespace"].includes(name),
    );
    return names.map((name) => this.#query(source, name));
  }

  #query(source: string, name: string): Parameter {
    const description = this.#texts[source]?.[name];
    return {
      name,
      in: "query",
      ...(description === undefined ? {} : { description }),
      type: types[name] ?? "string",
    };
  }

  namespace(): Parameter {
    const description = this.#texts.List?.namespace ?? "";
    return { name: "namespace", in: "path", description, required: true, type: "string" };
  }

  name(kind: string): Parameter {
    return { name: "name", in: "path", description: `name of the ${kind}`, required: true, type: "string" };
  }

  rest(): Parameter {
    return { name: "path", in: "path", description: "path to the resource", required: true, type: "string" };
  }
}

export function bodyParameter(definition: string, required: boolean): Parameter {
  return { name: "body", in: "body", ...(required ? { required } : {}), definition };
}
