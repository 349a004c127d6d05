const firstNumber = 3;

/** The number that the first, second, … inherited descriptor has in QEMU. */
export function inheritedNumber(index: number): number {
  return firstNumber + index;
}
