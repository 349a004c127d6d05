import type { V1Pod } from "../../supervisor/api/generated/types.ts";

/** A Pod of the demo image whose one container, `main`, writes a line and then sleeps. */
export function demoPod(name: string): V1Pod {
  const main = {
    name: "main",
    image: "pacific.local/demo:latest",
    imagePullPolicy: "IfNotPresent",
    command: ["sh", "-c", "echo hi; exec sleep 1000"],
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 1, containers: [main] },
  };
}
