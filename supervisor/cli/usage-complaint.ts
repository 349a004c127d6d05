/** Commander's complaint about a command line as our own errors are told: one line, and what to do. */
export function usageComplaint(text: string): string {
  const sentence = text
    .replace(/^error: /, "")
    .trim()
    .replace(/\.$/, "")
    .replace(/\s*\n\s*/g, " ");
  return `Error: ${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}: pacific --help tells what there is\n`;
}
