/** Access modes in the short form of tables: `RWO,RWX`. */
const shortModes: ReadonlyMap<string, string> = new Map([
  ["ReadWriteOnce", "RWO"],
  ["ReadOnlyMany", "ROX"],
  ["ReadWriteMany", "RWX"],
  ["ReadWriteOncePod", "RWOP"],
]);

export function formatAccessModes(modes: readonly string[] | undefined): string {
  return Array.from(shortModes)
    .flatMap(([mode, short]) => (modes?.includes(mode) ? [short] : []))
    .join(",");
}
