import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import type { ShutdownSource } from "./shutdown-source.ts";

const manager = ["org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"];
/** Gone after the next boot, and nothing of an administrator's. */
const overrideFolder = "/run/systemd/logind.conf.d";
const overrideFile = `${overrideFolder}/99-pacific.conf`;
const signalRule = "type='signal',interface='org.freedesktop.login1.Manager',member='PrepareForShutdown'";
/** logind has read its file again after this long; it is asked until then. */
const reloadMs = 5000;

/**
 * logind's inhibitors, by systemd's own tools, which are there where logind is; undefined where systemd is not what started
 * the box. A lock is a child's that ends with this process, however that ends.
 */
export function logind(): ShutdownSource | undefined {
  return existsSync("/run/systemd/system") ? { allow, inhibit, watch } : undefined;
}

async function allow(delayMs: number): Promise<void> {
  if ((await maxDelayMs()) >= delayMs) return;
  mkdirSync(overrideFolder, { recursive: true });
  writeFileSync(overrideFile, `[Login]\nInhibitDelayMaxSec=${Math.ceil(delayMs / 1000)}\n`);
  await output(["systemctl", "kill", "--signal=HUP", "systemd-logind.service"]);
  const deadline = Date.now() + reloadMs;
  while ((await maxDelayMs()) < delayMs) {
    if (Date.now() > deadline) {
      throw new Error(
        `logind waits ${await maxDelayMs()} ms for a shutdown, expected ${delayMs}: see ${overrideFile}`,
      );
    }
    await Bun.sleep(100);
  }
}

async function maxDelayMs(): Promise<number> {
  const text = await output(["busctl", "get-property", ...manager, "InhibitDelayMaxUSec"]);
  return microsecondsOf(text) / 1000;
}

/** Of busctl's `t 5000000`. Throws for other texts. */
export function microsecondsOf(text: string): number {
  const [, digits] = /^t ([0-9]+)\s*$/.exec(text) ?? [];
  if (digits === undefined) throw new Error(`busctl said ${JSON.stringify(text)}, expected t and a number`);
  return Number(digits);
}

async function inhibit(): Promise<() => void> {
  const why = "Pods end in good order";
  const flags = ["--what=shutdown", "--mode=delay", "--who=pacific", `--why=${why}`];
  // What runs within the lock says that it is held, and ends with its input.
  const child = Bun.spawn(["systemd-inhibit", ...flags, "sh", "-c", "echo held; exec cat"], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  for await (const _ of child.stdout) return () => void child.stdin.end();
  throw new Error(`systemd-inhibit ended with ${await child.exited} before it held the lock`);
}

async function* watch(signal: AbortSignal): AsyncIterable<boolean> {
  const child = Bun.spawn(["busctl", "monitor", "--json=short", `--match=${signalRule}`], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const stop = (): void => child.kill();
  signal.addEventListener("abort", stop, { once: true });
  try {
    let text = "";
    for await (const bytes of child.stdout) {
      text += Buffer.from(bytes);
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const isShuttingDown = shutdownOf(line);
        if (isShuttingDown !== undefined) yield isShuttingDown;
      }
    }
  } finally {
    signal.removeEventListener("abort", stop);
    child.kill();
  }
  if (!signal.aborted) throw new Error(`busctl monitor ended with ${await child.exited}`);
}

/** What a line of `busctl monitor` says of a shutdown; undefined for one that is about something else. */
export function shutdownOf(line: string): boolean | undefined {
  if (!line.startsWith("{")) return undefined;
  const message: { readonly member?: unknown; readonly payload?: { readonly data?: unknown } } =
    JSON.parse(line);
  if (message.member !== "PrepareForShutdown" || !Array.isArray(message.payload?.data)) return undefined;
  return message.payload.data[0] === true;
}

async function output(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")} failed with ${code}: ${stderr.trim()}`);
  return stdout;
}
