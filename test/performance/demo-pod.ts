import type { V1Pod } from "../../supervisor/api/generated/types.ts";

/** Where a demo Pod runs, and what its container may use. */
export interface DemoPlace {
  readonly node?: string;
  readonly limits?: Readonly<Record<string, string>>;
}

/** A Pod of the demo image whose one container, `main`, writes a line and then sleeps. */
export function demoPod(name: string, { node, limits }: DemoPlace = {}): V1Pod {
  const main = {
    name: "main",
    image: "pacific.local/demo:latest",
    imagePullPolicy: "IfNotPresent",
    command: ["sh", "-c", "echo hi; exec sleep 1000"],
    ...(limits && { resources: { limits, requests: { cpu: "10m", memory: "10Mi" } } }),
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [main],
      ...(node && { nodeSelector: { "kubernetes.io/hostname": node } }),
    },
  };
}
