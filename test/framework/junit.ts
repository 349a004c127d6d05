import { existsSync, readFileSync } from "node:fs";

export interface PartCounts {
  readonly passed: number;
  readonly failed: number;
  /** The titles of the skipped tests, which say the reason. */
  readonly skipped: readonly string[];
  /** What was counted as failed beside the failed tests, a sentence each. */
  readonly faults: readonly string[];
}

/** The part's one failure is this fault: none of its tests was counted. */
export function failedPart(fault: string): PartCounts {
  return { passed: 0, failed: 1, skipped: [], faults: [fault] };
}

/**
 * Counts the test cases of a JUnit report that `bun test` wrote about these files. A missing report, a file of which no
 * test ran, and an exit code that no failed test explains count as a failure each.
 */
export function readJunit(path: string, exitCode: number, files: readonly string[]): PartCounts {
  if (!existsSync(path)) return failedPart(`No test ran: the runner ended with exit code ${exitCode}`);
  const report = readFileSync(path, "utf8");
  let passed = 0;
  let failed = 0;
  const skipped: string[] = [];
  for (const [, attributes = "", body = ""] of report.matchAll(
    /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    if (body.includes("<skipped")) skipped.push(titleOf(attributes));
    else if (body.includes("<failure") || body.includes("<error")) failed += 1;
    else passed += 1;
  }
  const faults = files
    .filter((file) => !report.includes(` file="${escapeXml(file)}"`))
    .map((file) => `No test of ${file} ran`);
  if (exitCode !== 0 && failed === 0) {
    faults.push(`The runner ended with exit code ${exitCode}, though no test failed`);
  }
  return { passed, failed: failed + faults.length, skipped, faults };
}

/** `group > test`, as `bun test` prints it. */
function titleOf(attributes: string): string {
  const values = ["classname", "name"].map((key) => new RegExp(`\\b${key}="([^"]*)"`).exec(attributes)?.[1]);
  return unescapeXml(values.filter(Boolean).join(" > "));
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function unescapeXml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
