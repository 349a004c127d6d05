import { access, constants, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../supervisor/base/errors.ts";
import { findFormatter } from "../find-formatter.ts";
import { findSquashfsTool } from "../images/layers/squashfs-tool.ts";
import { startTool } from "../images/layers/tool-process.ts";
import { findQemu } from "../runtime/crx/qemu/find-qemu.ts";

interface Finding {
  /** `no` means that a host cannot run here; `note` that something is done without. */
  readonly verdict: "ok" | "note" | "no";
  readonly text: string;
}

/** `pacific check`: tells what this box has and lacks for `pacific host`. Returns whether a host can run here. */
export async function runCheck(dataDir: string): Promise<boolean> {
  const findings: ReadonlyArray<readonly [string, Finding]> = [
    ["user", checkUser()],
    ["QEMU", await checkQemu()],
    ["KVM", await checkKvm(dataDir)],
    ["image tool", checkImageTool()],
    ["nft", checkProgram("nft", "nftables")],
    ["ip", checkProgram("ip", "iproute2")],
    ["mkfs.ext4", checkFormatter()],
    ["cgroups", await checkCgroups()],
  ];
  for (const [name, { verdict, text }] of findings) {
    process.stdout.write(`${verdict.padEnd(5)} ${name.padEnd(10)} ${text}\n`);
  }
  return findings.every(([, { verdict }]) => verdict !== "no");
}

function checkUser(): Finding {
  if (process.getuid?.() === 0) return { verdict: "ok", text: "root" };
  return { verdict: "note", text: "not root: Pods have no network of their own (start with --network none)" };
}

async function checkQemu(): Promise<Finding> {
  try {
    const { path, version } = await findQemu();
    return { verdict: "ok", text: `${version} at ${path}` };
  } catch (error) {
    return { verdict: "no", text: messageOf(error) };
  }
}

/** A device that opens proves nothing; the verdict is a boot of the guest's kernel, which a host makes at its start. */
async function checkKvm(dataDir: string): Promise<Finding> {
  try {
    await access("/dev/kvm", constants.R_OK | constants.W_OK);
  } catch (error) {
    return { verdict: "note", text: `${messageOf(error)}; machines run by emulation, several times slower` };
  }
  const verdict = await knownVerdict(join(dataDir, "kvm-self-test.json"));
  if (verdict === undefined)
    return { verdict: "note", text: "/dev/kvm opens; a host tests it when it starts" };
  if (verdict.works) return { verdict: "ok", text: "works: the guest's kernel boots under it" };
  return { verdict: "note", text: `failed its test (${verdict.detail}); machines run by emulation` };
}

async function knownVerdict(path: string): Promise<{ works: boolean; detail: string } | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof record !== "object" || record === null || !("works" in record)) return undefined;
    return { works: record.works === true, detail: "detail" in record ? String(record.detail) : "" };
  } catch {
    // No host has run here yet, or its record is damaged: it will test anew.
    return undefined;
  }
}

function checkImageTool(): Finding {
  try {
    return { verdict: "ok", text: findSquashfsTool(startTool).name };
  } catch (error) {
    return { verdict: "no", text: messageOf(error) };
  }
}

function checkProgram(program: string, packageName: string): Finding {
  const path = Bun.which(program);
  if (path !== null) return { verdict: "ok", text: path };
  const text = `${program} not found: apt-get install ${packageName}, or start with --network none`;
  return { verdict: "note", text };
}

function checkFormatter(): Finding {
  const path = findFormatter();
  if (path !== undefined) return { verdict: "ok", text: path };
  const text = "mkfs.ext4 not found: apt-get install e2fsprogs, or Pods keep their files in memory";
  return { verdict: "note", text };
}

async function checkCgroups(): Promise<Finding> {
  try {
    await stat("/sys/fs/cgroup/cgroup.controllers");
    return { verdict: "ok", text: "version 2" };
  } catch {
    return {
      verdict: "note",
      text: "no version 2: machines run without limits of CPU and memory from the host",
    };
  }
}
