import type { V1NodeCondition } from "../../../supervisor/api/generated/types.ts";
import { timestamp } from "../../../supervisor/base/timestamp.ts";
import type { HostIsolation, StartMode } from "../../runtime/runtime.ts";
import type { PressureCondition } from "../eviction/thresholds.ts";

export interface NodeHealth {
  /** Why Pods cannot run yet; undefined when they can. */
  readonly notReady: string | undefined;
  readonly pressure: ReadonlySet<PressureCondition>;
  readonly accelerator: { readonly kind: "kvm" | "tcg"; readonly message: string };
  readonly startMode: StartMode;
  readonly isolation: HostIsolation;
}

type Draft = Pick<V1NodeCondition, "type" | "status" | "reason" | "message">;

/** The node's conditions (kubelet `nodestatus`) and Pacific's own three. */
export function nodeConditions(
  health: NodeHealth,
  before: readonly V1NodeCondition[],
  nowMs: number,
): V1NodeCondition[] {
  const drafts = [
    memory(health),
    disk(health),
    processes(health),
    virtualization(health),
    cloning(health),
    limits(health),
    jail(health),
    ready(health),
  ];
  const own = new Set(drafts.map(({ type }) => type));
  const made = drafts.map((draft): V1NodeCondition => {
    const old = before.find(({ type }) => type === draft.type);
    return {
      ...draft,
      lastHeartbeatTime: timestamp(nowMs),
      lastTransitionTime:
        old?.status === draft.status && old.lastTransitionTime ? old.lastTransitionTime : timestamp(nowMs),
    };
  });
  return [...before.filter(({ type }) => !own.has(type)), ...made];
}

function memory({ pressure }: NodeHealth): Draft {
  const type = "MemoryPressure";
  if (pressure.has(type)) {
    const message = "kubelet has insufficient memory available";
    return { type, status: "True", reason: "KubeletHasInsufficientMemory", message };
  }
  const message = "kubelet has sufficient memory available";
  return { type, status: "False", reason: "KubeletHasSufficientMemory", message };
}

function disk({ pressure }: NodeHealth): Draft {
  const type = "DiskPressure";
  if (pressure.has(type)) {
    return { type, status: "True", reason: "KubeletHasDiskPressure", message: "kubelet has disk pressure" };
  }
  return {
    type,
    status: "False",
    reason: "KubeletHasNoDiskPressure",
    message: "kubelet has no disk pressure",
  };
}

/** Processes of Pods live in their machines: each of those takes a few of the host's numbers. */
function processes({ pressure }: NodeHealth): Draft {
  const type = "PIDPressure";
  if (pressure.has(type)) {
    const message = "kubelet has insufficient PID available";
    return { type, status: "True", reason: "KubeletHasInsufficientPID", message };
  }
  const message = "kubelet has sufficient PID available";
  return { type, status: "False", reason: "KubeletHasSufficientPID", message };
}

function virtualization({ accelerator }: NodeHealth): Draft {
  const type = "HardwareVirtualization";
  return accelerator.kind === "kvm"
    ? { type, status: "True", reason: "KVM", message: accelerator.message }
    : { type, status: "False", reason: "SoftwareEmulation", message: accelerator.message };
}

/** False is no fault: Pods start all the same, after a boot. */
function cloning({ startMode }: NodeHealth): Draft {
  const type = "InstantClone";
  const { kind, message } = startMode;
  return kind === "clone"
    ? { type, status: "True", reason: "TemplateReady", message }
    : { type, status: "False", reason: "MachinesBoot", message };
}

function limits({ isolation }: NodeHealth): Draft {
  const { areEnforced, message } = isolation.limits;
  const type = "MachineLimits";
  return areEnforced
    ? { type, status: "True", reason: "Enforced", message }
    : { type, status: "False", reason: "NotEnforced", message };
}

function jail({ isolation }: NodeHealth): Draft {
  const { level, message } = isolation.jail;
  const type = "MachineJail";
  if (level === "full") return { type, status: "True", reason: "Jailed", message };
  return { type, status: "False", reason: level === "namespaces" ? "SharedUser" : "NoNamespaces", message };
}

function ready({ notReady }: NodeHealth): Draft {
  return notReady === undefined
    ? { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }
    : { type: "Ready", status: "False", reason: "KubeletNotReady", message: notReady };
}
