import { expect, test } from "bun:test";
import { defaultKubeletSettings, kubeletSettings, toKubeletSettings } from "./kubelet-settings.ts";

test("a host without flags has the kubelet's thresholds", () => {
  expect(defaultKubeletSettings).toMatchObject({
    maxPods: 110,
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "10%", "imagefs.inodesFree": "5%" },
    evictionSoft: {},
    evictionPressureTransitionPeriodMs: 300_000,
  });
  expect(defaultKubeletSettings).not.toHaveProperty("kubeletPort");
});

test("toKubeletSettings reads lists as the kubelet's flags have them", () => {
  const settings = toKubeletSettings({
    "kube-reserved": "cpu=100m, memory=256Mi",
    "eviction-soft": "memory.available<1Gi",
    "eviction-soft-grace-period": "memory.available=1m30s",
    "kubelet-port": "10250",
    "shutdown-grace-period": "30s",
    "shutdown-grace-period-critical-pods": "10s",
    "pod-manifest-path": "/etc/pods",
  });
  expect(settings.kubeReserved).toEqual({ cpu: "100m", memory: "256Mi" });
  expect(settings.evictionSoft).toEqual({ "memory.available": "1Gi" });
  expect(settings.evictionSoftGracePeriod).toEqual({ "memory.available": "1m30s" });
  expect(settings).toMatchObject({
    kubeletPort: 10_250,
    shutdownGracePeriodMs: 30_000,
    shutdownGracePeriodCriticalPodsMs: 10_000,
    podManifestPath: "/etc/pods",
  });
});

test("toKubeletSettings refuses a part of the shutdown's time that is longer than the whole", () => {
  expect(() => toKubeletSettings({ "shutdown-grace-period-critical-pods": "10s" })).toThrow(
    "--shutdown-grace-period-critical-pods is a part of --shutdown-grace-period: it must not be longer",
  );
});

test.each([
  ["eviction-hard", "memory.available=1Gi"],
  ["eviction-hard", "memory.free<1Gi"],
  ["eviction-soft-grace-period", "memory.available=soon"],
  ["kube-reserved", "gpu=1"],
  ["max-pods", "many"],
  ["kubelet-port", "70000"],
])("--%s refuses %j", (name, text) => {
  const { check } = kubeletSettings.find((setting) => setting.name === name) ?? {};
  expect(() => check?.(text)).toThrow();
});
