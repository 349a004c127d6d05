import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { RandomSource } from "../random-source.ts";

export type CrashKind = "ends" | "fails" | "restarts" | "begins" | "starts-slowly" | "deleted";

/** A Pod that is to live through crashes, and what must become of it. */
export interface CrashPod {
  readonly kind: CrashKind;
  readonly name: string;
  /** What its container ends with. */
  readonly exitCode: number;
  readonly manifest: V1Pod;
}

const kinds: readonly CrashKind[] = ["ends", "fails", "restarts", "begins", "starts-slowly", "deleted"];
const ledgerMount = { name: "ledger", mountPath: "/ledger" };

/** One Pod of each kind, in random order, with numbers of their own from the random source. */
export function crashPods(generation: number, ledger: string, random: RandomSource): CrashPod[] {
  const shuffled = kinds
    .map((kind) => ({ kind, order: random.next() }))
    .sort((one, other) => one.order - other.order);
  return shuffled.map(({ kind }) => crashPod(kind, `${kind}-${generation}`, ledger, random));
}

function crashPod(kind: CrashKind, name: string, ledger: string, random: RandomSource): CrashPod {
  const exitCode = kind === "ends" || kind === "begins" ? 0 : 1 + random.below(255);
  const seconds = (0.2 + 2 * random.next()).toFixed(1);
  const wait = "while :; do sleep 0.2; done";
  const scripts: Record<CrashKind, string> = {
    ends: `sleep ${seconds}; exit 0`,
    fails: `sleep ${seconds}; exit ${exitCode}`,
    restarts: `sleep ${seconds}; exit ${exitCode}`,
    begins: `sleep ${seconds}; exit 0`,
    "starts-slowly": `sleep ${seconds}; touch /tmp/ready; ${wait}`,
    deleted: `trap 'exit 0' TERM; ${wait}`,
  };
  const policies: Partial<Record<CrashKind, string>> = { ends: "Never", fails: "Never", begins: "OnFailure" };
  const readinessProbe = { exec: { command: ["test", "-e", "/tmp/ready"] }, periodSeconds: 1 };
  return {
    kind,
    name,
    exitCode,
    manifest: {
      metadata: { name },
      spec: {
        terminationGracePeriodSeconds: 1,
        restartPolicy: policies[kind] ?? "Always",
        volumes: [{ name: "ledger", hostPath: { path: ledger, type: "Directory" } }],
        ...(kind === "begins" && { initContainers: [container(name, "init", "sleep 0.5")] }),
        containers: [
          { ...container(name, "main", scripts[kind]), ...(kind === "starts-slowly" && { readinessProbe }) },
        ],
      },
    },
  };
}

/** A container that writes a line with its machine's boot id into a file of the host before anything else. */
function container(pod: string, name: string, script: string) {
  const start = `cat /proc/sys/kernel/random/boot_id >>/ledger/${pod}.${name}`;
  return {
    name,
    image: "pacific.local/demo:latest",
    imagePullPolicy: "Never",
    command: ["sh", "-c", `${start}; ${script}`],
    volumeMounts: [ledgerMount],
  };
}
