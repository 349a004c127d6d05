import { expect } from "bun:test";
import type { V1PodTemplate, V1PodTemplateList } from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();
const total = 400;

/** The path of that many pod templates in a namespace of their own. */
async function createTemplates(): Promise<string> {
  const path = `/api/v1/namespaces/${await cluster.namespace("chunking")}/podtemplates`;
  const template = { spec: { containers: [{ name: "test", image: "test2" }] } };
  const create = (index: number) => {
    return cluster.api.create<V1PodTemplate>(path, { metadata: { name: nameOf(index) }, template });
  };
  await Promise.all(Array.from({ length: total }, (_, index) => create(index)));
  return path;
}

function nameOf(index: number): string {
  return `template-${String(index).padStart(4, "0")}`;
}

function listPage(path: string, limit: number, token = ""): Promise<V1PodTemplateList> {
  const query = new URLSearchParams({ limit: String(limit), ...(token === "" ? {} : { continue: token }) });
  return cluster.api.get<V1PodTemplateList>(`${path}?${query}`);
}

/** Reads all further pages, and checks that all are of one version and have the templates in their order. */
async function readPages(path: string, nextLimit: () => number, from = 0, token = ""): Promise<string[]> {
  const versions: string[] = [];
  let found = from;
  let position = token;
  do {
    const limit = nextLimit();
    const { items, metadata } = await listPage(path, limit, position);
    expect(items.length).toBeLessThanOrEqual(limit);
    versions.push(metadata?.resourceVersion ?? "");
    expect(items.map((item) => item.metadata?.name)).toEqual(items.map((_, index) => nameOf(found + index)));
    found += items.length;
    position = metadata?.continue ?? "";
    expect(metadata?.remainingItemCount).toBe(position === "" ? undefined : total - found);
  } while (position !== "");
  expect(found).toBe(total);
  return versions;
}

conformanceTest(
  "[sig-api-machinery] Servers with support for API chunking should return chunks of results for list calls [Conformance]",
  async () => {
    const path = await createTemplates();
    for (let round = 0; round < 3; round += 1) {
      const versions = await readPages(path, () => 1 + Math.floor((Math.random() * total) / 10));
      expect(new Set(versions).size).toBe(1);
    }
    expect((await listPage(path, total + 1)).items).toHaveLength(total);
  },
);

conformanceTest(
  "[sig-api-machinery] Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent [Slow] [Conformance]",
  async () => {
    const path = await createTemplates();
    const limit = total / 10;
    const first = await listPage(path, limit);
    const token = first.metadata?.continue ?? "";
    expect(first.metadata?.remainingItemCount).toBe(total - limit);
    const stop = new AbortController();
    const writing = fillHistory(await cluster.namespace("history"), stop.signal);
    const query = new URLSearchParams({ limit: String(limit), continue: token });
    const expired = await eventually("the token expires", 400_000, async () => {
      const answer = await cluster.api.call("GET", `${path}?${query}`);
      return answer.status === 410 && answer;
    }).finally(() => stop.abort());
    await writing;
    expect(expired.body).toMatchObject({ kind: "Status", reason: "Expired", code: 410 });
    const inconsistent = expired.body.metadata.continue;
    expect(inconsistent).toBeString();
    const second = await listPage(path, limit, inconsistent);
    expect(second.metadata?.resourceVersion).not.toBe(first.metadata?.resourceVersion);
    expect(second.items.map((item) => item.metadata?.name)).toEqual(
      Array.from({ length: limit }, (_, index) => nameOf(limit + index)),
    );
    expect(second.metadata?.remainingItemCount).toBe(total - 2 * limit);
    const versions = await readPages(path, () => limit, 2 * limit, second.metadata?.continue);
    expect(new Set(versions)).toEqual(new Set([second.metadata?.resourceVersion ?? ""]));
  },
);

/** Replaces large values until the signal: more than the store keeps of its history. */
async function fillHistory(namespace: string, signal: AbortSignal): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const padding = "x".repeat(1_000_000);
  await cluster.api.create(path, { metadata: { name: "large" }, data: { padding } });
  for (let round = 0; !signal.aborted; round += 1) {
    const body = { metadata: { name: "large" }, data: { padding, round: String(round) } };
    await cluster.api.replace(`${path}/large`, body);
  }
}
