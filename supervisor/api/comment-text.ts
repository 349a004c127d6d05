/**
 * What the description of the API says of a type or field, from the lines of the comment before it in Go (the rules of
 * kube-openapi): lines are joined, paragraphs and indented lines stay, marks and notes of what is to be done go, as does
 * all after a line of three dashes.
 */
export function commentText(comments: readonly string[]): string {
  let text = "";
  for (const comment of comments) {
    if (/^[a-z0-9]+:[a-z0-9]/.test(comment)) continue;
    const line = comment.replace(/^ /, "").trimEnd();
    if (line === "---") break;
    if (/^ *(?:TODO|\+)/.test(line)) continue;
    if (line === "") text = text.endsWith("\n\n") ? text : `${text.slice(0, -1)}\n\n`;
    else if (/^[ \t]/.test(line)) text = `${text.slice(0, -1)}\n${line}\n`;
    else text += `${line} `;
  }
  return text.trim();
}
