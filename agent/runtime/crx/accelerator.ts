import { createHash } from "node:crypto";
import { accessSync, constants, readFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../../supervisor/base/errors.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import { RuntimeError } from "../runtime.ts";
import type { QemuBinary } from "./qemu/find-qemu.ts";
import { readRecord, writeRecord } from "./record-file.ts";

export type AcceleratorChoice = "auto" | "kvm" | "tcg";

/** How machines run on this box, with a text for people. */
export interface Accelerator {
  readonly kind: "kvm" | "tcg";
  readonly message: string;
}

export interface AcceleratorOptions {
  readonly choice: AcceleratorChoice;
  readonly dataDir: string;
  readonly qemu: QemuBinary;
  readonly guestImageId: string;
  readonly logger: Logger;
  /** Boots the guest's kernel under KVM; rejects when it does not answer in time. */
  readonly selfTest: () => Promise<void>;
  readonly kvmDevice?: string;
}

interface Verdict {
  readonly key: string;
  readonly works: boolean;
  readonly detail: string;
}

const verdictName = "kvm-self-test.json";

/**
 * Chooses between KVM and TCG. That `/dev/kvm` opens proves nothing, so the guest's own kernel is booted under KVM once;
 * the verdict is kept until kernel, QEMU or processor change. Throws {@link RuntimeError} `create-failed` when KVM is
 * asked for and does not work.
 */
export async function chooseAccelerator(options: AcceleratorOptions): Promise<Accelerator> {
  if (options.choice === "tcg") return { kind: "tcg", message: "TCG, as configured" };
  const problem = (await deviceProblem(options.kvmDevice ?? "/dev/kvm")) ?? (await testProblem(options));
  if (problem === undefined) return { kind: "kvm", message: "KVM works: the guest's kernel boots under it" };
  if (options.choice === "kvm") {
    throw new RuntimeError("create-failed", `${problem}; use --accel auto or tcg to run without KVM`);
  }
  options.logger.warn("KVM is not used, machines run under TCG, several times slower", { reason: problem });
  return { kind: "tcg", message: `TCG, because ${problem}` };
}

async function deviceProblem(device: string): Promise<string | undefined> {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return `${device} cannot be opened: ${messageOf(error)}`;
  }
}

async function testProblem(options: AcceleratorOptions): Promise<string | undefined> {
  const path = join(options.dataDir, verdictName);
  const key = verdictKey(options.qemu.version, options.guestImageId);
  const known = await readRecord(path);
  let verdict = isVerdict(known) && known.key === key ? known : undefined;
  if (!verdict) {
    options.logger.info("Testing KVM with the guest's kernel");
    const failure = await options.selfTest().then(
      () => undefined,
      (error: unknown) => messageOf(error),
    );
    verdict = { key, works: failure === undefined, detail: failure ?? "" };
    await writeRecord(path, verdict);
  }
  return verdict.works ? undefined : `KVM failed its self-test (kept in ${path}): ${verdict.detail}`;
}

function isVerdict(value: unknown): value is Verdict {
  const verdict = Object(value);
  return typeof verdict.key === "string" && typeof verdict.works === "boolean";
}

function verdictKey(qemuVersion: string, guestImageId: string): string {
  const parts = [qemuVersion, guestImageId, release(), processorModel()];
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}

/** Model and microcode of the first processor. */
function processorModel(): string {
  const first = readFileSync("/proc/cpuinfo", "utf8").split("\n\n")[0] ?? "";
  return first
    .split("\n")
    .filter((line) => /^(vendor_id|cpu family|model|model name|stepping|microcode|hypervisor)\s*:/.test(line))
    .join("\n");
}
