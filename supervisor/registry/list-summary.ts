/** The first entries of a list, and how many more there are: `a,b,c + 2 more...`. */
export function listSummary(entries: readonly string[], empty: string, shown = 3): string {
  if (entries.length === 0) return empty;
  const text = entries.slice(0, shown).join(",");
  return entries.length > shown ? `${text} + ${entries.length - shown} more...` : text;
}
