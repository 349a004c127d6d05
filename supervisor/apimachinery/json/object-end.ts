const quote = 0x22;
const opening = 0x7b;
const closing = 0x7d;

/** Where the object that begins at `start` of a JSON text ends, after its last brace; the text's end where it does not. */
export function objectEnd(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === quote) index = stringEnd(text, index);
    else if (code === opening) depth++;
    else if (code === closing && --depth === 0) return index + 1;
  }
  return text.length;
}

/** The closing quote of the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

/** Whether an odd number of backslashes stands before a place. */
function isEscaped(text: string, place: number): boolean {
  let before = place;
  while (text[before - 1] === "\\") before--;
  return (place - before) % 2 === 1;
}
