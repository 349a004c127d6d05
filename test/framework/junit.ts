import { existsSync, readFileSync } from "node:fs";

export interface JunitCounts {
  readonly passed: number;
  readonly failed: number;
  /** The titles of the skipped tests, which say the reason. */
  readonly skipped: readonly string[];
}

/** Counts the test cases of a JUnit report. A missing report, no test case or an unexplained exit code is a failure. */
export function readJunit(path: string, exitCode: number): JunitCounts {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: [] };
  let passed = 0;
  let failed = 0;
  const skipped: string[] = [];
  for (const match of readFileSync(path, "utf8").matchAll(
    /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    const name = /\bname="([^"]*)"/.exec(match[1] ?? "")?.[1] ?? "";
    const body = match[2] ?? "";
    if (body.includes("<skipped")) skipped.push(unescapeXml(name));
    else if (body.includes("<failure") || body.includes("<error")) failed += 1;
    else passed += 1;
  }
  const crashed = exitCode !== 0 && failed === 0;
  const empty = passed + failed + skipped.length === 0;
  return { passed, failed: failed + (crashed || empty ? 1 : 0), skipped };
}

function unescapeXml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
