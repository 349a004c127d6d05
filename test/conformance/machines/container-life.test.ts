/** The life of containers: hooks, init containers, what they say of their end, and those that come later. */
import { expect } from "bun:test";
import type { V1Container, V1Lifecycle, V1Pod, V1PodSpec } from "../../../supervisor/api/generated/types.ts";
import { MachineCluster, useMachines } from "../support/machine-cluster.ts";
import { PodSeries } from "../support/pod-series.ts";

const machines = useMachines(import.meta.path);
const series = new PodSeries(machines);
const { image } = MachineCluster;
const wait = "trap 'exit 0' TERM; while :; do sleep 0.2; done";

function main(script: string, more: Partial<V1Container> = {}): V1Container {
  return { name: "main", image, command: ["sh", "-c", script], ...more };
}

/** Writes the first line of every request to its log. */
const listener = `nc -ll -p 8080 -e sh -c 'read line; echo "$line" >&2; printf "HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n"; cat >/dev/null'`;

/** A Pod that hears hooks, then one with the hook that `hook` makes of its address. */
async function createHooked(namespace: string, hook: (address: string) => V1Lifecycle): Promise<void> {
  await machines.create(namespace, "hears", { containers: [main(listener)] });
  const { status } = await machines.ready(namespace, "hears");
  const spec = { containers: [main(wait, { lifecycle: hook(status?.podIP ?? "") })] };
  await machines.create(namespace, "hooked", { ...spec, terminationGracePeriodSeconds: 20 });
}

const get = (host: string, msg: string) => ({ httpGet: { host, port: 8080, path: `/echo?msg=${msg}` } });
const call = (host: string, msg: string) => ({
  exec: { command: ["wget", "-q", "-O", "-", `http://${host}:8080/echo?msg=${msg}`] },
});

async function deleteGracefully(namespace: string, name: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  await machines.api.delete(path);
  await machines.api.gone(path, 60_000);
}

function hookTest(name: string, hook: (address: string) => V1Lifecycle): void {
  const isStop = name.includes("prestop");
  series.conformanceTest(
    name,
    (namespace) => createHooked(namespace, hook),
    async (namespace) => {
      await machines.ready(namespace, "hooked");
      if (isStop) await deleteGracefully(namespace, "hooked");
      await machines.logHas(namespace, "hears", `GET /echo?msg=${isStop ? "stop" : "start"} HTTP/1.1`);
    },
  );
}

hookTest(
  "[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart exec hook properly [NodeConformance] [Conformance]",
  (host) => ({ postStart: call(host, "start") }),
);
hookTest(
  "[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart http hook properly [NodeConformance] [Conformance]",
  (host) => ({ postStart: get(host, "start") }),
);
hookTest(
  "[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop exec hook properly [NodeConformance] [Conformance]",
  (host) => ({ preStop: call(host, "stop") }),
);
hookTest(
  "[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop http hook properly [NodeConformance] [Conformance]",
  (host) => ({ preStop: get(host, "stop") }),
);

series.conformanceTest(
  "[sig-node] PreStop should call prestop when killing a pod [Conformance]",
  (namespace) => createHooked(namespace, (host) => ({ preStop: call(host, "prestop") })),
  async (namespace) => {
    await machines.ready(namespace, "hooked");
    await deleteGracefully(namespace, "hooked");
    await machines.logHas(namespace, "hears", "GET /echo?msg=prestop");
  },
);

const once: Partial<V1PodSpec> = { restartPolicy: "Never" };
const said = ({ status }: V1Pod) => status?.containerStatuses?.[0]?.state?.terminated?.message;

function messageTest(name: string, container: V1Container, phase: string, message: string | undefined): void {
  series.conformanceTest(
    name,
    (namespace) => machines.create(namespace, "says", { ...once, containers: [container] }),
    async (namespace) => {
      const pod = await machines.ended(namespace, "says");
      expect([pod.status?.phase, said(pod)]).toEqual([phase, message]);
    },
  );
}

const fallback = { terminationMessagePolicy: "FallbackToLogsOnError" };
messageTest(
  "[sig-node] Container Runtime blackbox test on terminated container should report termination message if TerminationMessagePath is set as non-root user and at a non-default path [NodeConformance] [Conformance]",
  main("printf DONE >/dev/termination-custom-log", {
    terminationMessagePath: "/dev/termination-custom-log",
    securityContext: { runAsUser: 1000 },
  }),
  "Succeeded",
  "DONE",
);
messageTest(
  "[sig-node] Container Runtime blackbox test on terminated container should report termination message from log output if TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]",
  main("printf DONE; exit 1", fallback),
  "Failed",
  "DONE",
);
messageTest(
  "[sig-node] Container Runtime blackbox test on terminated container should report termination message as empty when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]",
  main("printf DONE", fallback),
  "Succeeded",
  undefined,
);
messageTest(
  "[sig-node] Container Runtime blackbox test on terminated container should report termination message from file when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]",
  main("echo no; printf OK >/dev/termination-log", fallback),
  "Succeeded",
  "OK",
);

series.conformanceTest(
  "[sig-node] Container Runtime blackbox test when starting a container that exits should run with the expected status [NodeConformance] [Conformance]",
  async (namespace) => {
    // The first run fails, the second succeeds and the third goes on, whatever the policy.
    const script =
      "n=$(cat /data/n 2>/dev/null || echo 0); echo $((n + 1)) >/data/n; case $n in 0) exit 1;; 1) exit 0;; esac; sleep 600";
    const volumeMounts = [{ name: "data", mountPath: "/data" }];
    for (const restartPolicy of ["Always", "OnFailure", "Never"]) {
      await machines.create(namespace, restartPolicy.toLowerCase(), {
        restartPolicy,
        containers: [main(script, { volumeMounts })],
        volumes: [{ name: "data", emptyDir: {} }],
      });
    }
  },
  async (namespace) => {
    const never = await machines.ended(namespace, "never");
    const onFailure = await machines.ended(namespace, "onfailure");
    const outcome = ({ status }: V1Pod) => {
      const { restartCount, ready, state } = status?.containerStatuses?.[0] ?? {};
      return [status?.phase, restartCount, ready, state?.terminated?.exitCode];
    };
    expect(outcome(never)).toEqual(["Failed", 0, false, 1]);
    expect(outcome(onFailure)).toEqual(["Succeeded", 1, false, 0]);
    const always = await machines.until(namespace, "always", "runs for the third time", ({ status }) => {
      const { restartCount, state } = status?.containerStatuses?.[0] ?? {};
      return restartCount === 2 && state?.running !== undefined;
    });
    expect(outcome(always)).toEqual(["Running", 2, true, undefined]);
  },
);

function commandTest(name: string, container: Partial<V1Container>, output: string): void {
  series.conformanceTest(
    name,
    (namespace) =>
      machines.create(namespace, "prints", { ...once, containers: [{ name: "main", image, ...container }] }),
    async (namespace) => {
      await machines.ended(namespace, "prints");
      expect(await machines.log(namespace, "prints")).toContain(output);
    },
  );
}

series.conformanceTest(
  "[sig-node] Containers should use the image defaults if command and args are blank [NodeConformance] [Conformance]",
  (namespace) => machines.create(namespace, "prints", { containers: [{ name: "main", image }] }),
  async (namespace) => {
    await machines.ready(namespace, "prints");
    await machines.logHas(namespace, "prints", "Hello from prints");
  },
);

const override = ["override", "arguments"];
commandTest(
  "[sig-node] Containers should be able to override the image's default arguments (container cmd) [NodeConformance] [Conformance]",
  { args: ["echo", ...override] },
  "override arguments",
);
commandTest(
  "[sig-node] Containers should be able to override the image's default command (container entrypoint) [NodeConformance] [Conformance]",
  { command: ["echo", ...override] },
  "override arguments",
);
commandTest(
  "[sig-node] Containers should be able to override the image's default command and arguments [NodeConformance] [Conformance]",
  { command: ["echo"], args: override },
  "override arguments",
);

const init = (name: string, script: string): V1Container => ({ ...main(script), name });

series.conformanceTest(
  "[sig-node] InitContainer [NodeConformance] should invoke init containers on a RestartNever pod [Conformance]",
  (namespace) =>
    machines.create(namespace, "inits", {
      ...once,
      initContainers: [init("init1", "true"), init("init2", "true")],
      containers: [main("true")],
    }),
  async (namespace) => {
    const { status } = await machines.ended(namespace, "inits");
    const initialized = status?.conditions?.find(({ type }) => type === "Initialized");
    expect([status?.phase, initialized?.status]).toEqual(["Succeeded", "True"]);
    const ends = status?.initContainerStatuses?.map(({ ready, state }) => [
      ready,
      state?.terminated?.exitCode,
    ]);
    expect(ends).toEqual([
      [true, 0],
      [true, 0],
    ]);
  },
);

series.conformanceTest(
  "[sig-node] InitContainer [NodeConformance] should invoke init containers on a RestartAlways pod [Conformance]",
  (namespace) =>
    machines.create(namespace, "inits", {
      initContainers: [init("init1", "true"), init("init2", "true")],
      containers: [main(wait)],
    }),
  async (namespace) => {
    const { status } = await machines.ready(namespace, "inits");
    expect(status?.initContainerStatuses?.map(({ state }) => state?.terminated?.exitCode)).toEqual([0, 0]);
  },
);

series.conformanceTest(
  "[sig-node] InitContainer [NodeConformance] should not start app containers if init containers fail on a RestartAlways pod [Conformance]",
  (namespace) =>
    machines.create(namespace, "inits", {
      initContainers: [init("init1", "false"), init("init2", "true")],
      containers: [main(wait)],
    }),
  async (namespace) => {
    const { status } = await machines.until(namespace, "inits", "retries", (pod) => {
      return (pod.status?.initContainerStatuses?.[0]?.restartCount ?? 0) >= 2;
    });
    expect(status?.phase).toBe("Pending");
    expect(status?.conditions?.find(({ type }) => type === "Initialized")).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [init1 init2]",
    });
    expect(status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe("PodInitializing");
  },
);

series.conformanceTest(
  "[sig-node] InitContainer [NodeConformance] should not start app containers and fail the pod if init containers fail on a RestartNever pod [Conformance]",
  (namespace) =>
    machines.create(namespace, "inits", {
      ...once,
      initContainers: [init("init1", "true"), init("init2", "false")],
      containers: [main(wait)],
    }),
  async (namespace) => {
    const { status } = await machines.ended(namespace, "inits");
    expect(status?.phase).toBe("Failed");
    expect(status?.conditions?.find(({ type }) => type === "Initialized")).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [init2]",
    });
    expect(status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe("PodInitializing");
  },
);

series.conformanceTest(
  "[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should have an terminated reason [NodeConformance] [Conformance]",
  (namespace) => machines.create(namespace, "fails", { containers: [main("false")] }),
  async (namespace) => {
    const { status } = await machines.until(namespace, "fails", "has failed", (pod) => {
      const { state, lastState } = pod.status?.containerStatuses?.[0] ?? {};
      return (state?.terminated ?? lastState?.terminated) !== undefined;
    });
    const { state, lastState } = status?.containerStatuses?.[0] ?? {};
    expect(state?.terminated ?? lastState?.terminated).toMatchObject({ exitCode: 1, reason: "Error" });
  },
);

series.conformanceTest(
  "[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should be possible to delete [NodeConformance] [Conformance]",
  (namespace) => machines.create(namespace, "fails", { containers: [main("false")] }),
  (namespace) => deleteGracefully(namespace, "fails"),
);

series.conformanceTest(
  "[sig-node] Kubelet when scheduling an agnhost Pod with hostAliases should write entries to /etc/hosts [NodeConformance] [Conformance]",
  (namespace) => {
    const hostAliases = [{ ip: "123.45.67.89", hostnames: ["foo", "bar"] }];
    return machines.create(namespace, "named", {
      ...once,
      hostAliases,
      containers: [main("cat /etc/hosts")],
    });
  },
  async (namespace) => {
    await machines.ended(namespace, "named");
    const hosts = await machines.log(namespace, "named");
    expect(hosts).toContain("# Kubernetes-managed hosts file.");
    expect(hosts).toContain("123.45.67.89\tfoo\tbar\n");
  },
);

const debug = (name: string, more: object = {}) => ({
  ...{ name, image, imagePullPolicy: "Never", ...more },
  command: ["sh", "-c", "echo polo; sleep 600"],
});

async function addEphemeral(namespace: string, ...ephemeralContainers: object[]): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods/debugged/ephemeralcontainers`;
  await machines.api.patch(path, { spec: { ephemeralContainers } }, "strategic-merge-patch");
}

async function ephemeralRuns(namespace: string, name: string): Promise<void> {
  await machines.until(namespace, "debugged", `has ${name}`, ({ status }) =>
    (status?.ephemeralContainerStatuses ?? []).some((one) => one.name === name && one.state?.running),
  );
}

series.conformanceTest(
  "[sig-node] Ephemeral Containers [NodeConformance] will start an ephemeral container in an existing pod [Conformance]",
  (namespace) => machines.create(namespace, "debugged", { containers: [main("sleep 987")] }),
  async (namespace) => {
    await machines.ready(namespace, "debugged");
    await addEphemeral(namespace, debug("debugger", { targetContainerName: "main" }));
    await ephemeralRuns(namespace, "debugger");
    await machines.logHas(namespace, "debugged", "polo", "?container=debugger");
    const kubectl = await machines.cluster.kubectl(
      ...["-n", namespace, "exec", "debugged", "-c", "debugger", "--", "ps", "-o", "args"],
    );
    expect(kubectl.stdout).toContain("sleep 987");
  },
);

series.conformanceTest(
  "[sig-node] Ephemeral Containers [NodeConformance] should update the ephemeral containers in an existing pod [Conformance]",
  (namespace) => machines.create(namespace, "debugged", { containers: [main(wait)] }),
  async (namespace) => {
    await machines.ready(namespace, "debugged");
    await addEphemeral(namespace, debug("debugger1"));
    await ephemeralRuns(namespace, "debugger1");
    const path = `/api/v1/namespaces/${namespace}/pods/debugged/ephemeralcontainers`;
    await machines.api.update<V1Pod>(path, (pod) => ({
      ...pod,
      spec: {
        ...(pod.spec ?? { containers: [] }),
        ephemeralContainers: [...(pod.spec?.ephemeralContainers ?? []), debug("debugger2")],
      },
    }));
    await ephemeralRuns(namespace, "debugger2");
  },
);
