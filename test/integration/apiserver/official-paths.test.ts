/** Whether the API has every path and verb of the official description (`PACIFIC_API_DESCRIPTION`) that is GA. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { TestApiServer } from "../../framework/test-api-server.ts";

const description = process.env.PACIFIC_API_DESCRIPTION;

interface Operation {
  readonly "x-kubernetes-action"?: string;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Resource {
  readonly name: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

const verbsOfActions: Readonly<Record<string, string>> = {
  post: "create",
  put: "update",
  get: "get",
  list: "list",
  patch: "patch",
  delete: "delete",
  deletecollection: "deletecollection",
};
const verbsOfMethods: Readonly<Record<string, string>> = {
  get: "get",
  post: "create",
  put: "update",
  patch: "patch",
  delete: "delete",
};

/** `/api/v1 pods/log get`, say. */
function officialOperations({ paths }: Description): Set<string> {
  const operations = new Set<string>();
  for (const [path, methods] of Object.entries(paths)) {
    const match = /^(\/api\/v1|\/apis\/[^/]+\/v\d+)\/(?:namespaces\/\{namespace\}\/)?([a-z]+)(.*)$/.exec(
      path,
    );
    const [, root = "", resource = "", rest = ""] = match ?? [];
    if (match === null || resource === "watch") continue;
    const subresource = /^\/\{name\}\/([a-z]+)/.exec(rest)?.[1];
    const name = subresource === undefined ? resource : `${resource}/${subresource}`;
    for (const [method, operation] of Object.entries(methods)) {
      const action = operation["x-kubernetes-action"];
      const verb = action === "connect" ? verbsOfMethods[method] : verbsOfActions[action ?? ""];
      if (verb !== undefined) operations.add(`${root} ${name} ${verb}`);
    }
  }
  return operations;
}

async function servedOperations(server: TestApiServer): Promise<Set<string>> {
  const { body } = await server.call("GET", "/apis");
  const groups: ReadonlyArray<{ readonly versions: ReadonlyArray<{ readonly groupVersion: string }> }> =
    body.groups;
  const roots = groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`));
  const operations = new Set<string>();
  for (const root of ["/api/v1", ...roots]) {
    const resources: readonly Resource[] = (await server.call("GET", root)).body.resources;
    for (const { name, verbs } of resources)
      for (const verb of verbs) operations.add(`${root} ${name} ${verb}`);
  }
  return operations;
}

const skipped = description === undefined ? " (skipped: PACIFIC_API_DESCRIPTION names no file)" : "";

test.skipIf(description === undefined)(
  `discovery has every GA path and verb of the official description${skipped}`,
  async () => {
    const server = await TestApiServer.start();
    try {
      // The official description is JSON of this shape.
      const official = JSON.parse(readFileSync(description ?? "", "utf8")) as Description;
      const served = await servedOperations(server);
      const missing = Array.from(officialOperations(official)).filter((operation) => !served.has(operation));
      expect(missing).toEqual([]);
    } finally {
      await server.close();
    }
  },
);
