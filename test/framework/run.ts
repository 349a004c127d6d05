/**
 * Runs the parts of the test suite one after another and counts. The last line is `N passed, N failed, N skipped`.
 * A part whose runner crashed, or that ran no test, counts as one failure.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../../supervisor/base/errors.ts";
import { failedPart, type PartCounts, readJunit } from "./junit.ts";
import { type PartProcess, startPart } from "./part-process.ts";
import { listParts, type Part } from "./parts.ts";
import { PassedParts, treeKey } from "./passed-parts.ts";
import { showProgress } from "./progress-line.ts";

const root = join(import.meta.dir, "../..");
const resultFolder = join(root, "dist/test");
const longestOutput = 20_000;

const { values: flags, positionals } = parseArgs({
  options: { all: { type: "boolean" }, fresh: { type: "boolean" }, list: { type: "boolean" } },
  allowPositionals: true,
});
mkdirSync(resultFolder, { recursive: true });

const parts = listParts(root).filter((part) =>
  positionals.length > 0 ? positionals.includes(part.name) : flags.all === true || !part.long,
);
if (flags.list) {
  for (const part of parts) console.log(part.name);
  process.exit(0);
}
const unknown = positionals.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(`No test part is called ${unknown.join(", ")}; ./test/run --all --list names them`);
  process.exit(2);
}

const passedParts = new PassedParts(
  join(resultFolder, "passed.json"),
  flags.all === true ? treeKey(root) : undefined,
);
if (flags.fresh) passedParts.clear();

let running: PartProcess | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void interrupt());

const total = { passed: 0, failed: 0, skipped: 0 };
const skips: string[] = [];
if (positionals.length === 0) await runChecks();
for (const [index, part] of parts.entries()) {
  const title = `[${String(index + 1).padStart(2)}/${parts.length}] ${part.name}`;
  const earlier = passedParts.get(part.name);
  const begin = performance.now();
  const counts = earlier ?? (await runPart(part, title));
  passedParts.set(part.name, counts);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped.length;
  skips.push(...counts.skipped.map((skip) => `skipped: ${part.name}: ${skip}`));
  const note = earlier
    ? "passed earlier on this tree"
    : `${((performance.now() - begin) / 1000).toFixed(1)} s`;
  console.log(
    `${title}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped (${note})`,
  );
}
for (const skip of skips) console.log(skip);
showTotal();
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

function showTotal(): void {
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
}

/** Nothing that a test started stays behind; what has passed is kept. */
async function interrupt(): Promise<void> {
  running?.stop();
  await running?.exited;
  console.log(`\nInterrupted.${flags.all ? " ./test/run --all goes on with what has not passed yet." : ""}`);
  showTotal();
  process.exit(130);
}

async function runChecks(): Promise<void> {
  for (const check of ["lint", "types", "dead"]) {
    const hideProgress = showProgress(`check ${check}`);
    const run = Bun.spawn([process.execPath, "run", check], { cwd: root, stdout: "pipe", stderr: "pipe" });
    const [output, errors] = await Promise.all([
      new Response(run.stdout).text(),
      new Response(run.stderr).text(),
    ]);
    const passed = (await run.exited) === 0;
    hideProgress();
    if (passed) total.passed += 1;
    else total.failed += 1;
    console.log(`check ${check}: ${passed ? "passed" : `failed\n${output}${errors}`}`);
  }
}

async function runPart(part: Part, title: string): Promise<PartCounts> {
  const log = join(resultFolder, `${part.name}.log`);
  const hideProgress = showProgress(title);
  const counts = await countPart(part, log).catch((error: unknown) => failedPart(messageOf(error)));
  hideProgress();
  if (counts.failed > 0) {
    if (existsSync(log)) console.log(readFileSync(log, "utf8").slice(-longestOutput));
    for (const fault of counts.faults) console.log(fault);
    console.log(`${part.name} failed; its whole output is in ${log}`);
  }
  return counts;
}

async function countPart(part: Part, log: string): Promise<PartCounts> {
  if (part.prepare !== undefined) {
    running = startPart({ ...part, privateNetwork: false }, [process.execPath, part.prepare], root, log);
    const exitCode = await running.exited;
    if (exitCode !== 0) return failedPart(`${part.prepare} ended with exit code ${exitCode}`);
  }
  const report = join(resultFolder, `${part.name}.xml`);
  rmSync(report, { force: true });
  const command = [process.execPath, "test", "--timeout=600000", "--reporter=junit"];
  const files = part.files.map((file) => `./${file}`);
  running = startPart(part, [...command, `--reporter-outfile=${report}`, ...files], root, log);
  return readJunit(report, await running.exited, part.files);
}
