import { quantile } from "./load/distribution.ts";

/** Prints a line of a report. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints the middle of the values and what nineteen in twenty stay below, with a verdict where there are marks. */
export function printTimes(
  name: string,
  values: readonly number[],
  marksMs?: readonly [number, number],
): void {
  const [p50, p95] = [quantile(values, 0.5), quantile(values, 0.95)];
  const verdict = marksMs
    ? `, marks ${marksMs.join(" and ")}: ${p50 <= marksMs[0] && p95 <= marksMs[1] ? "met" : "MISSED"}`
    : "";
  print(
    `${name.padEnd(52)} p50 ${p50.toFixed(0).padStart(5)} ms, p95 ${p95.toFixed(0).padStart(5)} ms${verdict}`,
  );
}

/** Prints a figure beside its mark, which it is not to exceed. */
export function printMark(name: string, value: number, mark: number, unit: string): void {
  const verdict = value <= mark ? "met" : "MISSED";
  print(`${name.padEnd(52)} ${value.toFixed(2)} ${unit}, mark ${mark}: ${verdict}`);
}

/** The part of a process's memory that is its own, and its share of the rest, in MiB. */
export function pssMiB(smapsRollup: string): number {
  return Number(/^Pss:\s+(\d+)/m.exec(smapsRollup)?.[1]) / 1024;
}
