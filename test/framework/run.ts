/**
 * Runs the parts of the test suite one after another and counts. The last line is `N passed, N failed, N skipped`.
 * A part whose runner crashed, or that ran no test, counts as one failure.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type JunitCounts, readJunit } from "./junit.ts";
import { listParts, type Part } from "./parts.ts";
import { PassedParts, treeKey } from "./passed-parts.ts";

const root = join(import.meta.dir, "../..");
const resultFolder = join(root, "dist/test");
const partTimeoutMs = 45 * 60_000;

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

const total = { passed: 0, failed: 0, skipped: 0 };
const skips: string[] = [];
if (positionals.length === 0) await runChecks();
for (const [index, part] of parts.entries()) {
  const title = `[${String(index + 1).padStart(2)}/${parts.length}] ${part.name}`;
  const earlier = passedParts.get(part.name);
  const counts = earlier ?? (await runPart(part, title));
  if (earlier === undefined && counts.failed === 0) passedParts.set(part.name, counts);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped.length;
  skips.push(...counts.skipped);
  const note = earlier ? " (passed earlier on this tree)" : "";
  console.log(
    `${title}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped${note}`,
  );
}
for (const skip of skips) console.log(`skipped: ${skip}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

async function runChecks(): Promise<void> {
  for (const check of ["lint", "types", "dead"]) {
    const run = Bun.spawn([process.execPath, "run", check], { cwd: root, stdout: "pipe", stderr: "pipe" });
    const output = (await new Response(run.stdout).text()) + (await new Response(run.stderr).text());
    const passed = (await run.exited) === 0;
    if (passed) total.passed += 1;
    else total.failed += 1;
    console.log(`check ${check}: ${passed ? "passed" : `failed\n${output}`}`);
  }
}

async function runPart(part: Part, title: string): Promise<JunitCounts> {
  const report = join(resultFolder, `${part.name}.xml`);
  const log = join(resultFolder, `${part.name}.log`);
  rmSync(report, { force: true });
  rmSync(log, { force: true });
  if (part.prepare !== undefined && !(await prepare(part.prepare, log))) {
    return { passed: 0, failed: 1, skipped: [] };
  }
  const command = [
    process.execPath,
    "test",
    "--timeout=120000",
    "--reporter=junit",
    `--reporter-outfile=${report}`,
  ];
  const network = part.privateNetwork
    ? ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    : [];
  const run = Bun.spawn([...network, ...command, ...part.files.map((file) => `./${file}`)], {
    cwd: root,
    env: part.privateNetwork ? { ...process.env, PACIFIC_TEST_NETWORK: "private" } : process.env,
    stdin: "ignore",
    stdout: Bun.file(log),
    stderr: Bun.file(log),
    timeout: partTimeoutMs,
  });
  const progress = process.stdout.isTTY
    ? setInterval(() => process.stdout.write(`\r\x1b[K${title} …`), 500)
    : undefined;
  const exitCode = await run.exited;
  clearInterval(progress);
  if (process.stdout.isTTY) process.stdout.write("\r\x1b[K");
  const counts = readJunit(report, exitCode);
  if (counts.failed > 0)
    console.log(
      `${readFileSync(log, "utf8").slice(-20_000)}\n${part.name} failed; its whole output is in ${log}`,
    );
  else writeFileSync(join(resultFolder, `${part.name}.ok`), "");
  return counts;
}

async function prepare(program: string, log: string): Promise<boolean> {
  const run = Bun.spawn([process.execPath, program], {
    cwd: root,
    stdin: "ignore",
    stdout: Bun.file(log),
    stderr: Bun.file(log),
  });
  if ((await run.exited) === 0) return true;
  console.log(`${program} failed:\n${readFileSync(log, "utf8")}`);
  return false;
}
