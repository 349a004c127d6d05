/** One field of each object of a list that QEMU answered with. */
export function namesOf(list: unknown, key: string): string[] {
  return (Array.isArray(list) ? list : []).map((entry) => String(Object(entry)[key]));
}
