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

/** Prints a figure beside its mark, which it is not to exceed unless `isMet` says otherwise. */
export function printMark(
  name: string,
  figure: number,
  mark: number,
  unit: string,
  isMet = figure <= mark,
): void {
  const text = `${name.padEnd(52)} ${figure.toFixed(2).padStart(9)} ${unit.padEnd(5)}`;
  print(`${text} mark ${mark}: ${isMet ? "met" : "MISSED"}`);
}

/** The part of a process's memory that is its own, and its share of the rest, in MiB. */
export function pssMiB(smapsRollup: string): number {
  return Number(/^Pss:\s+(\d+)/m.exec(smapsRollup)?.[1]) / 1024;
}
