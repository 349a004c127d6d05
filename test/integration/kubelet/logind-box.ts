/**
 * Runs in namespaces of its own, as the first process there: a message bus and systemd's own logind, and a host's shutdown
 * manager that talks to them. Signals a shutdown and calls it off, in logind's place, which would ask systemd first;
 * prints what happened in JSON. The bus has its socket in the folder of the argument, which is the first of PATH.
 */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logind } from "../../../agent/kubelet/shutdown/logind.ts";
import { ShutdownManager } from "../../../agent/kubelet/shutdown/shutdown-manager.ts";
import { systemClock } from "../../../supervisor/base/clock.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { eventually } from "../../framework/eventually.ts";

const folder = process.argv[2] ?? "";
const patienceMs = 60_000;
const podLifeMs = 1500;
const loginManager = ["org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"];

const busConfiguration = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=${folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`;

function run(...command: readonly string[]): void {
  const { success, stderr } = Bun.spawnSync([...command]);
  if (!success) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
}

/** What busctl says of logind; the empty text where it does not answer. */
async function ask(verb: "call" | "get-property", ...words: readonly string[]): Promise<string> {
  const child = Bun.spawn(["busctl", verb, ...loginManager, ...words], { stderr: "ignore" });
  return (await new Response(child.stdout).text()).trim();
}

/** In place of systemd, which would pass the signal on: there is none here. */
function writeSystemctl(logindPid: number): void {
  const file = join(folder, "systemctl");
  writeFileSync(
    file,
    `#!/bin/sh\n[ "$*" = "kill --signal=HUP systemd-logind.service" ] && kill -HUP ${logindPid}\n`,
  );
  chmodSync(file, 0o755);
}

async function startLogind(): Promise<void> {
  run("mount", "--make-rprivate", "/");
  run("mount", "-t", "tmpfs", "tmpfs", "/run");
  for (const name of ["system", "seats", "users", "sessions", "inhibit", "shutdown", "machines"]) {
    mkdirSync(`/run/systemd/${name}`, { recursive: true });
  }
  writeFileSync(join(folder, "bus.conf"), busConfiguration);
  const output = { stdout: "ignore", stderr: "ignore" } as const;
  Bun.spawn(["dbus-daemon", `--config-file=${folder}/bus.conf`, "--nofork", "--nopidfile"], output);
  await eventually("the bus answers", patienceMs, () => Bun.spawnSync(["busctl", "list"]).success);
  const { pid } = Bun.spawn(["/lib/systemd/systemd-logind"], output);
  writeSystemctl(pid);
  await eventually("logind answers", patienceMs, async () =>
    (await ask("get-property", "InhibitDelayMaxUSec")).startsWith("t "),
  );
}

function signalShutdown(isBegun: boolean): void {
  const [, path = "", name = ""] = loginManager;
  run("busctl", "emit", path, name, "PrepareForShutdown", "b", String(isBegun));
}

const holdsLock = async (): Promise<boolean> => {
  const list = await ask("call", "ListInhibitors");
  return list.includes('"shutdown" "pacific" "Pods end in good order" "delay"');
};

await startLogind();
const notes: string[] = [];
let podRuns = true;
let isHeldForPod = false;
const manager = new ShutdownManager({
  gracePeriodMs: 20_000,
  criticalGracePeriodMs: 5000,
  source: logind(),
  pods: () => (podRuns ? [{ metadata: { name: "web", uid: "u" }, spec: { containers: [] } }] : []),
  evict: (_, { reason, gracePeriodSeconds }) => {
    notes.push(`evict ${reason} ${gracePeriodSeconds}`);
    setTimeout(async () => {
      isHeldForPod = await holdsLock();
      podRuns = false;
    }, podLifeMs);
    return true;
  },
  runs: () => podRuns,
  tellNode: (reason, message) => notes.push(`${reason}: ${message}`),
  onChange: () => notes.push(manager.notReady ?? "ready"),
  clock: systemClock,
  logger: new Logger("error"),
});
const stop = new AbortController();
const running = manager.run(stop.signal);
await eventually("the lock is held", patienceMs, holdsLock);
const delay = await ask("get-property", "InhibitDelayMaxUSec");
// The manager may not listen yet: it is told until it hears.
await eventually("the Pod ends for a shutdown", patienceMs, () => {
  if (notes.length === 0) signalShutdown(true);
  return notes.some((note) => note.startsWith("evict"));
});
await eventually(
  "the lock is let go of after the Pod",
  patienceMs,
  async () => !podRuns && !(await holdsLock()),
);
signalShutdown(false);
await eventually("the shutdown is called off", patienceMs, () => notes.at(-1) === "ready");
await eventually("the next lock is held", patienceMs, holdsLock);
stop.abort();
await running;
await eventually("the lock is let go of", patienceMs, async () => !(await holdsLock()));
console.log(JSON.stringify({ delay, isHeldForPod, notes }));
process.exit(0);
