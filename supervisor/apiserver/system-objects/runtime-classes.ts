import type { Manifest } from "./ensure-object.ts";

/**
 * Pods run as CRX whether they name this class or not; those that do are counted with what their machine costs beside
 * its processes: 18 to 30 MiB at rest, with room for what the guest's kernel caches.
 */
export const systemRuntimeClasses: readonly Manifest[] = [
  {
    metadata: { name: "crx" },
    handler: "crx",
    overhead: { podFixed: { cpu: "10m", memory: "64Mi" } },
  },
];
