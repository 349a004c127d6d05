/** Prints a figure beside its mark. */
export function printMark(name: string, figure: number, unit: string, mark: string, isMet: boolean): void {
  const text = `${name.padEnd(44)} ${figure.toFixed(2).padStart(9)} ${unit.padEnd(4)}`;
  process.stdout.write(`${text} mark ${mark}: ${isMet ? "met" : "MISSED"}\n`);
}
