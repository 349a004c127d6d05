import { expect } from "bun:test";
import type { V1ConfigMap } from "../../../supervisor/api/generated/types.ts";
import type { WatchEvent } from "../../../supervisor/client/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";
import type { WatchReader } from "../support/watch-reader.ts";

const cluster = useCluster();
const label = "watched-as";

/** ConfigMaps of one namespace, and what is watched of them. */
class ConfigMaps {
  readonly path: string;

  private constructor(namespace: string) {
    this.path = `/api/v1/namespaces/${namespace}/configmaps`;
  }

  static async inNewNamespace(): Promise<ConfigMaps> {
    return new ConfigMaps(await cluster.namespace("watch"));
  }

  create(name: string, value?: string): Promise<V1ConfigMap> {
    const labels = value === undefined ? {} : { [label]: value };
    return cluster.api.create<V1ConfigMap>(this.path, { metadata: { name, labels } });
  }

  mutate(name: string, mutation: string): Promise<V1ConfigMap> {
    const change = (found: V1ConfigMap): V1ConfigMap => ({ ...found, data: { ...found.data, mutation } });
    return cluster.api.update<V1ConfigMap>(`${this.path}/${name}`, change);
  }

  relabel(name: string, value: string): Promise<V1ConfigMap> {
    const change = (found: V1ConfigMap): V1ConfigMap => {
      return { ...found, metadata: { ...found.metadata, labels: { [label]: value } } };
    };
    return cluster.api.update<V1ConfigMap>(`${this.path}/${name}`, change);
  }

  delete(name: string): Promise<unknown> {
    return cluster.api.delete(`${this.path}/${name}`);
  }

  watch(values: readonly string[], resourceVersion = ""): Promise<WatchReader<V1ConfigMap>> {
    const query = new URLSearchParams({ labelSelector: `${label} in (${values.join(",")})` });
    if (resourceVersion !== "") query.set("resourceVersion", resourceVersion);
    return cluster.api.watch<V1ConfigMap>(`${this.path}?${query}`);
  }
}

function brief({ type, object }: WatchEvent<V1ConfigMap>): string {
  return [type, object.metadata?.name, object.data?.mutation ?? ""].join(" ").trim();
}

/** The events of a watch, as soon as there are so many. */
async function seen(watch: WatchReader<V1ConfigMap>, count: number): Promise<string[]> {
  await eventually(`a watch has seen ${count} events`, 20_000, () => watch.events.length >= count);
  return watch.events.map(brief);
}

conformanceTest(
  "[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on configmaps [Conformance]",
  async () => {
    const maps = await ConfigMaps.inNewNamespace();
    const watchA = await maps.watch(["a"]);
    const watchB = await maps.watch(["b"]);
    const both = await maps.watch(["a", "b"]);
    const created = await maps.create("config-a", "a");
    expect((await watchA.next()).object).toMatchObject({ ...created });
    const changed = await maps.mutate("config-a", "1");
    expect((await watchA.next()).object).toMatchObject({ ...changed });
    await maps.mutate("config-a", "2");
    await maps.delete("config-a");
    await maps.create("config-b", "b");
    await maps.delete("config-b");
    const ofA = ["ADDED config-a", "MODIFIED config-a 1", "MODIFIED config-a 2", "DELETED config-a 2"];
    const ofB = ["ADDED config-b", "DELETED config-b"];
    // Whoever has the last event has had all before it.
    expect(await seen(both, 6)).toEqual([...ofA, ...ofB]);
    expect(await seen(watchB, 2)).toEqual(ofB);
    expect(await seen(watchA, 4)).toEqual(ofA);
    for (const watch of [watchA, watchB, both]) watch.stop();
  },
);

conformanceTest(
  "[sig-api-machinery] Watchers should be able to start watching from a specific resource version [Conformance]",
  async () => {
    const maps = await ConfigMaps.inNewNamespace();
    await maps.create("config", "from-version");
    const first = await maps.mutate("config", "1");
    const second = await maps.mutate("config", "2");
    await maps.delete("config");
    const watch = await maps.watch(["from-version"], first.metadata?.resourceVersion);
    expect(await seen(watch, 2)).toEqual(["MODIFIED config 2", "DELETED config 2"]);
    expect(watch.events[0]?.object).toMatchObject({ ...second });
    watch.stop();
  },
);

conformanceTest(
  "[sig-api-machinery] Watchers should be able to restart watching from the last resource version observed by the previous watch [Conformance]",
  async () => {
    const maps = await ConfigMaps.inNewNamespace();
    const broken = await maps.watch(["restarted"]);
    await maps.create("config", "restarted");
    await maps.mutate("config", "1");
    expect(brief(await broken.next())).toBe("ADDED config");
    const last = await broken.next();
    expect(brief(last)).toBe("MODIFIED config 1");
    broken.stop();
    await maps.mutate("config", "2");
    const restarted = await maps.watch(["restarted"], last.object.metadata?.resourceVersion);
    await maps.delete("config");
    expect(await seen(restarted, 2)).toEqual(["MODIFIED config 2", "DELETED config 2"]);
    restarted.stop();
  },
);

conformanceTest(
  "[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements of the selector [Conformance]",
  async () => {
    const maps = await ConfigMaps.inNewNamespace();
    const watch = await maps.watch(["here"]);
    await maps.create("config", "here");
    await maps.mutate("config", "1");
    await maps.relabel("config", "elsewhere");
    expect((await seen(watch, 3)).at(-1)).toStartWith("DELETED config");
    await maps.mutate("config", "2");
    await maps.relabel("config", "here");
    await maps.mutate("config", "3");
    await maps.delete("config");
    expect(await seen(watch, 6)).toEqual([
      "ADDED config",
      "MODIFIED config 1",
      "DELETED config 1",
      "ADDED config 2",
      "MODIFIED config 3",
      "DELETED config 3",
    ]);
    watch.stop();
  },
);

conformanceTest(
  "[sig-api-machinery] Watchers should receive events on concurrent watches in same order [Conformance]",
  async () => {
    const maps = await ConfigMaps.inNewNamespace();
    const watchCount = 60;
    const { metadata } = await cluster.api.get<{ metadata: { resourceVersion: string } }>(maps.path);
    const stop = new AbortController();
    const writing = keepWriting(maps, stop.signal);
    const watches: WatchReader<V1ConfigMap>[] = [];
    let { resourceVersion } = metadata;
    for (let round = 0; round < watchCount; round += 1) {
      watches.push(await cluster.api.watch<V1ConfigMap>(`${maps.path}?resourceVersion=${resourceVersion}`));
      const versions = await Promise.all(watches.map(async (watch) => versionOf(await watch.next())));
      resourceVersion = versions[0] ?? "";
      expect(new Set(versions)).toEqual(new Set([resourceVersion]));
    }
    stop.abort();
    await writing;
    for (const watch of watches) watch.stop();
  },
);

function versionOf({ object }: WatchEvent<V1ConfigMap>): string {
  return object.metadata?.resourceVersion ?? "";
}

/** Creates, changes and deletes ConfigMaps in turn until the signal. */
async function keepWriting(maps: ConfigMaps, signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round += 1) {
    const name = `config-${round}`;
    await maps.create(name);
    await maps.mutate(name, String(round));
    if (round % 3 === 0) await maps.delete(name);
  }
}
