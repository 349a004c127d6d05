import type { LabelValues, MetricsRegistry } from "../../../../supervisor/base/metrics/metrics-registry.ts";
import { kubernetesVersion } from "../../../../supervisor/base/version.ts";
import type { NodeFacts } from "../../node/node-facts.ts";
import type { Usage } from "../usage-reader.ts";

/** Adds what cAdvisor says of the box itself. */
export function addMachineMetrics(registry: MetricsRegistry, { host }: Usage, facts: NodeFacts): void {
  const labels = { machine_id: facts.machineId, system_uuid: facts.systemUuid, boot_id: facts.bootId };
  const add = (name: string, help: string, value: number, own: LabelValues = labels): void =>
    registry.collected("gauge", name, help, () => [{ labels: own, value }]);
  add("machine_cpu_cores", "Number of logical CPU cores.", facts.cpuCount);
  add("machine_cpu_physical_cores", "Number of physical CPU cores.", facts.processors.coreCount);
  add("machine_cpu_sockets", "Number of CPU sockets.", facts.processors.socketCount);
  add("machine_memory_bytes", "Amount of memory installed on the machine.", facts.memoryBytes);
  add("machine_swap_bytes", "Amount of swap memory available on the machine.", host.swap.totalBytes);
  add("machine_scrape_error", "1 if there was an error while getting machine metrics, 0 otherwise.", 0, {});
  const version = {
    kernelVersion: facts.kernelVersion,
    osVersion: facts.osImage,
    dockerVersion: "",
    cadvisorVersion: kubernetesVersion,
    cadvisorRevision: "",
  };
  const help =
    "A metric with a constant '1' value labeled by kernel version, OS version, docker version, cadvisor version & cadvisor revision.";
  add("cadvisor_version_info", help, 1, version);
}
