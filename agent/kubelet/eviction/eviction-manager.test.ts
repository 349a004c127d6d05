import { expect, test } from "bun:test";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import {
  defaultKubeletSettings,
  type KubeletSettings,
} from "../../../supervisor/base/config/kubelet-settings.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import type { Eviction } from "../pods/eviction.ts";
import type { PodStats, Summary } from "../stats/summary.ts";
import { EvictionManager } from "./eviction-manager.ts";
import type { Observation } from "./thresholds.ts";

const mebibyte = 1024 * 1024;
const startTime = "2026-01-31T12:00:00Z";
const time = startTime;

function pod(name: string, more: Partial<V1Pod["spec"]> = {}, requests: Record<string, string> = {}): V1Pod {
  const containers = [{ name: "main", image: "i", resources: { requests } }];
  return { metadata: { namespace: "ns", name, uid: name }, spec: { containers, ...more } };
}

function stats(name: string, megabytes: number, more: Partial<PodStats> = {}): PodStats {
  const memory = { time, workingSetBytes: megabytes * mebibyte };
  return {
    podRef: { name, namespace: "ns", uid: name },
    startTime,
    containers: [{ name: "main", startTime, memory }],
    memory,
    ...more,
  };
}

function start(pods: readonly V1Pod[], used: readonly PodStats[], settings: Partial<KubeletSettings> = {}) {
  const clock = new FakeClock();
  const observed = new Map<string, Observation>([
    ["memory.available", { available: 500 * mebibyte, capacity: 1000 * mebibyte }],
    ["nodefs.available", { available: 50, capacity: 100 }],
  ]);
  const evicted: Array<readonly [string, Eviction]> = [];
  const told: string[] = [];
  const freed = { count: 0, gives: 0, memory: 0 };
  const manager = new EvictionManager({
    settings: { ...defaultKubeletSettings, ...settings },
    observe: async () => observed,
    summary: async (): Promise<Summary> => ({ node: { nodeName: "n", startTime }, pods: used }),
    pods: () => pods,
    evict: (each, eviction) => {
      evicted.push([each.metadata?.name ?? "", eviction]);
      return true;
    },
    freeMemory: async () => {
      const { available = 0 } = observed.get("memory.available") ?? {};
      setMemory(available / mebibyte + freed.memory);
    },
    freeDisk: async () => {
      freed.count++;
      const { available = 0, capacity = 100 } = observed.get("nodefs.available") ?? {};
      observed.set("nodefs.available", { available: available + freed.gives, capacity });
    },
    tellNode: (reason, message) => void told.push(`${reason} ${message}`),
    countEviction: () => {},
    onChange: () => {},
    clock,
    logger: new Logger("error", () => {}),
  });
  const setMemory = (megabytes: number): void =>
    void observed.set("memory.available", { available: megabytes * mebibyte, capacity: 1000 * mebibyte });
  return { clock, observed, evicted, told, freed, manager, setMemory };
}

test("EvictionManager ends the Pod that exceeds its request by most, of the lowest priority", async () => {
  const modest = pod("modest", {}, { memory: "200Mi" });
  const important = pod("important", { priority: 10 });
  const pods = [modest, important, pod("small"), pod("large"), pod("system", { priority: 2_000_000_000 })];
  const used = [
    stats("modest", 150),
    stats("important", 400),
    stats("small", 10),
    stats("large", 90),
    stats("system", 500),
  ];
  const { manager, evicted, told, setMemory } = start(pods, used);
  await manager.check();
  expect(evicted).toEqual([]);
  setMemory(60);
  await manager.check();
  expect(told).toEqual(["EvictionThresholdMet Attempting to reclaim memory"]);
  expect(evicted).toEqual([
    [
      "large",
      {
        reason: "Evicted",
        message:
          "The node was low on resource: memory. Threshold quantity: 100Mi, available: 60Mi. Container main was using 90Mi, request is 0, has larger consumption of memory. ",
        gracePeriodSeconds: 1,
        isDisruption: true,
      },
    ],
  ]);
});

test("no Pod ends for memory that the host itself can do without", async () => {
  const { manager, evicted, freed, setMemory } = start([pod("only")], [stats("only", 300)]);
  freed.memory = 70;
  setMemory(60);
  await manager.check();
  expect(evicted).toEqual([]);
  freed.memory = 0;
  setMemory(60);
  await manager.check();
  expect(evicted.map(([name]) => name)).toEqual(["only"]);
});

test("a node under pressure takes no Pods that its pressure is for, until the transition period is over", async () => {
  const { manager, clock, setMemory } = start([], []);
  setMemory(60);
  await manager.check();
  expect([...manager.conditions]).toEqual(["MemoryPressure"]);
  expect(manager.admit(pod("best-effort"))).toEqual({
    reason: "Evicted",
    message: "The node had condition: [MemoryPressure]. ",
  });
  expect(manager.admit(pod("burstable", {}, { memory: "1Mi" }))).toBeUndefined();
  expect(manager.admit(pod("system", { priority: 2_000_000_000 }))).toBeUndefined();
  setMemory(600);
  await clock.advance(200_000);
  await manager.check();
  expect(manager.conditions.size).toBe(1);
  await clock.advance(200_000);
  await manager.check();
  expect(manager.conditions.size).toBe(0);
  expect(manager.admit(pod("best-effort"))).toBeUndefined();
});

test("a soft threshold ends Pods when its grace period is over, with a grace period of theirs", async () => {
  const settings = {
    evictionSoft: { "memory.available": "30%" },
    evictionSoftGracePeriod: { "memory.available": "1m" },
    evictionMaxPodGracePeriodSeconds: 20,
  };
  const { manager, clock, evicted, setMemory } = start([pod("a")], [stats("a", 50)], settings);
  setMemory(200);
  await manager.check();
  await clock.advance(50_000);
  await manager.check();
  expect(evicted).toEqual([]);
  await clock.advance(20_000);
  await manager.check();
  expect(evicted.map(([name, { gracePeriodSeconds }]) => [name, gracePeriodSeconds])).toEqual([["a", 20]]);
});

test("images go before Pods do where the disk is full", async () => {
  const { manager, observed, evicted, freed } = start([pod("a")], [stats("a", 1)]);
  observed.set("nodefs.available", { available: 5, capacity: 100 });
  freed.gives = 20;
  await manager.check();
  expect([freed.count, evicted.length]).toEqual([1, 0]);
  observed.set("nodefs.available", { available: 5, capacity: 100 });
  freed.gives = 0;
  await manager.check();
  expect(evicted.map(([name]) => name)).toEqual(["a"]);
});

test("a Pod that exceeds a limit of its own goes, whatever the node has left", async () => {
  const limits = { "ephemeral-storage": "1Mi" };
  const containers = [{ name: "main", image: "i", resources: { limits } }];
  const full = { time, usedBytes: 3 * mebibyte };
  const used = stats("full", 1, {
    "ephemeral-storage": full,
    volume: [{ ...full, name: "data" }],
  });
  const volumes = [{ name: "data", emptyDir: { sizeLimit: "2Mi" } }];
  const over = start([pod("full", { containers })], [used]);
  await over.manager.check();
  expect(over.evicted[0]?.[1].message).toBe(
    "Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ",
  );
  const dir = start([pod("full", { volumes })], [used]);
  await dir.manager.check();
  expect(dir.evicted[0]?.[1].message).toBe('Usage of EmptyDir volume "data" exceeds the limit "2Mi". ');
});
