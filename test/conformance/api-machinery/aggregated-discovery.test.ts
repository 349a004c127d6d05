import { expect } from "bun:test";
import { eventually } from "../../framework/eventually.ts";
import { expectedResources } from "../support/api-facts.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest, kubectlTest } from "../support/conformance-test.ts";
import { defineResource } from "../support/custom-resources.ts";

const cluster = useCluster();
const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

interface DiscoveredGroup {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly { readonly resource: string }[];
  }[];
}

/** Every resource of a document, as `apps/v1/deployments`. */
async function discovered(path: "/api" | "/apis", accept = aggregated): Promise<string[]> {
  const { status, headers, body } = await cluster.api.call("GET", path, { headers: { accept } });
  expect(status).toBe(200);
  expect(headers.get("content-type")).toContain("as=APIGroupDiscoveryList");
  expect(body).toMatchObject({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2" });
  const items: readonly DiscoveredGroup[] = body.items;
  return items.flatMap(({ metadata: { name = "" }, versions }) =>
    versions.flatMap(({ version, resources }) =>
      resources.map(({ resource }) => [...(name === "" ? [] : [name]), version, resource].join("/")),
    ),
  );
}

const expected = expectedResources.map((names) => names.join("/"));

conformanceTest(
  "[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers [Conformance]",
  async () => {
    expect(await discovered("/api")).toContain("v1/namespaces");
    expect(await discovered("/apis")).toEqual(
      expect.arrayContaining(expected.filter((name) => name !== "v1/namespaces")),
    );
  },
);

conformanceTest(
  "[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery request for CRDs [Conformance]",
  async () => {
    const resource = await defineResource(cluster.api);
    const name = `${resource.apiVersion}/${resource.plural}`;
    await eventually("the resource is discovered", 20_000, async () =>
      (await discovered("/apis")).includes(name),
    );
    await cluster.api.delete(resource.definitionPath);
    await eventually("it is gone", 20_000, async () => !(await discovered("/apis")).includes(name));
  },
);

/** The preferred resources that kubectl finds, as `apps/v1/deployments`, and what it asked for. */
async function kubectlFinds(): Promise<{ resources: string[]; requests: string[] }> {
  const { code, stdout, stderr } = await cluster.kubectl(
    "api-resources",
    "--no-headers",
    "--cached=false",
    "-v=6",
  );
  expect(code).toBe(0);
  const resources = stdout
    .trim()
    .split("\n")
    .map((line) => line.split(/\s+/))
    .map((columns) => `${columns.at(-3)}/${columns[0]}`);
  const requests = [...stderr.matchAll(/url="https:\/\/[^/]*([^"?]*)/g)].map(([, path = ""]) => path);
  return { resources, requests };
}

kubectlTest(
  "[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface [Conformance]",
  async () => {
    const { resources, requests } = await kubectlFinds();
    // The other version of the group is preferred.
    const preferred = expected.filter((name) => !name.startsWith("autoscaling/v1/"));
    expect(resources).toEqual(expect.arrayContaining(preferred));
    // Two documents say all.
    expect(new Set(requests)).toEqual(new Set(["/api", "/apis"]));
    const versions = (await cluster.says("api-versions")).trim().split("\n");
    expect(versions).toEqual(expect.arrayContaining(expectedResources.map(([groupVersion]) => groupVersion)));
  },
);

kubectlTest(
  "[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface for CRDs [Conformance]",
  async () => {
    const { apiVersion, plural } = await defineResource(cluster.api);
    await eventually("kubectl finds the resource", 30_000, async () => {
      return (await kubectlFinds()).resources.includes(`${apiVersion}/${plural}`);
    });
  },
);
