/** Who containers are, what they may do, and what their machine is told. */
import { afterAll, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1Container, V1Pod, V1PodSpec } from "../../../supervisor/api/generated/types.ts";
import { busyboxArchive } from "../../framework/busybox-image.ts";
import { MachineCluster, useMachines } from "../support/machine-cluster.ts";
import { PodSeries } from "../support/pod-series.ts";

const folder = mkdtempSync(join(tmpdir(), "pacific-security-"));
const archive = join(folder, "gains.tar");
const gains = "test/gains:1";
writeFileSync(archive, busyboxArchive(gains));
const machines = useMachines(import.meta.path, {}, [archive]);
const series = new PodSeries(machines);
const { image } = MachineCluster;
afterAll(() => rmSync(folder, { recursive: true }));

/** A test whose Pod runs a script to its end; `check` reads what it has printed. */
function prints(
  name: string,
  script: string,
  own: { readonly container?: Partial<V1Container>; readonly pod?: Partial<V1PodSpec> },
  check: (log: string, pod: V1Pod) => void,
): void {
  const prepare = (namespace: string): Promise<unknown> => {
    const containers = [{ name: "main", image, command: ["sh", "-c", script], ...own.container }];
    return machines.create(namespace, "does", { restartPolicy: "Never", ...own.pod, containers });
  };
  series.conformanceTest(name, prepare, async (namespace) => {
    const pod = await machines.ended(namespace, "does");
    check(await machines.log(namespace, "does"), pod);
    expect(pod.status?.phase).toBe("Succeeded");
  });
}

prints(
  "[sig-node] Security Context When creating a container with runAsUser should run the container with uid 65534 [LinuxOnly] [NodeConformance] [Conformance]",
  "test $(id -u) -eq 65534",
  { container: { securityContext: { runAsUser: 65_534 } } },
  (log) => expect(log).toBe(""),
);
prints(
  "[sig-node] Security Context should support pod.Spec.SecurityContext.RunAsUser And pod.Spec.SecurityContext.RunAsGroup [LinuxOnly] [Conformance]",
  "id",
  { pod: { securityContext: { runAsUser: 1001, runAsGroup: 2002 } } },
  (log, { status }) => {
    expect(log).toMatch(/^uid=1001 gid=2002/);
    const linux = { uid: 1001, gid: 2002, supplementalGroups: [2002] };
    expect(status?.containerStatuses?.[0]?.user).toEqual({ linux });
  },
);
prints(
  "[sig-node] Security Context should support container.SecurityContext.RunAsUser And container.SecurityContext.RunAsGroup [LinuxOnly] [Conformance]",
  "id",
  {
    pod: { securityContext: { runAsUser: 1001, runAsGroup: 2001 } },
    container: { securityContext: { runAsUser: 1003, runAsGroup: 2003 } },
  },
  (log) => expect(log).toMatch(/^uid=1003 gid=2003/),
);
prints(
  "[sig-node] Security Context When creating a pod with privileged should run the container as unprivileged when false [LinuxOnly] [NodeConformance] [Conformance]",
  "ip link add dummy0 type dummy 2>&1 || true",
  { container: { image: gains, securityContext: { privileged: false } } },
  (log) => expect(log).toContain("Operation not permitted"),
);
prints(
  "[sig-node] Security Context When creating a pod with readOnlyRootFilesystem should run the container with writable rootfs when readOnlyRootFilesystem=false [NodeConformance] [Conformance]",
  "touch /checkfile && test -e /checkfile",
  { container: { securityContext: { readOnlyRootFilesystem: false, runAsUser: 0 } } },
  (log) => expect(log).toBe(""),
);
prints(
  "[sig-node] Security Context when creating containers with AllowPrivilegeEscalation should not allow privilege escalation when false [LinuxOnly] [NodeConformance] [Conformance]",
  "/bin/su -c id 2>&1; id -u",
  { container: { image: gains, securityContext: { allowPrivilegeEscalation: false, runAsUser: 1000 } } },
  (log) => {
    expect(log).not.toContain("uid=0");
    expect(log).toEndWith("1000\n");
  },
);
prints(
  "[sig-node] Sysctls [LinuxOnly] [NodeConformance] should support sysctls [Environment:NotInUserNS] [Conformance]",
  "cat /proc/sys/kernel/shm_rmid_forced",
  { pod: { securityContext: { sysctls: [{ name: "kernel.shm_rmid_forced", value: "1" }] } } },
  (log) => expect(log).toBe("1\n"),
);
prints(
  "[sig-node] Kubelet when scheduling an agnhost Pod with hostAliases should write entries to /etc/hosts [NodeConformance] [Conformance]",
  "cat /etc/hosts",
  { pod: { hostAliases: [{ ip: "123.45.67.89", hostnames: ["foo", "bar"] }] } },
  (log) => {
    expect(log).toStartWith("# Kubernetes-managed hosts file.\n");
    expect(log).toContain("123.45.67.89\tfoo\tbar\n");
  },
);
