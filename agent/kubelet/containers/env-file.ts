/** A file of variables that is not as it should be. */
export class EnvFileError extends Error {
  override readonly name = "EnvFileError";
}

const declaration = /^[ \t]*([^\s='"#]+)[ \t]*=[ \t]*'/;
const afterValue = /^[ \t]*(\r?\n|$)/;
const passedOver = /^[ \t]*(#.*)?(\r?\n|$)/;

/**
 * The variables of a file: `NAME='value'` each, the value as it stands between its quotes, also over several lines; lines
 * that are blank or begin with `#` are passed over (Kubernetes 1.35's env file syntax). The last of a name counts. Throws
 * {@link EnvFileError} for anything else: other quotes, none, or several values side by side.
 */
export function parseEnvFile(text: string): Map<string, string> {
  const variables = new Map<string, string>();
  let rest = text;
  let line = 1;
  const take = (length: number): void => {
    line += rest.slice(0, length).split("\n").length - 1;
    rest = rest.slice(length);
  };
  while (rest !== "") {
    const nothing = passedOver.exec(rest);
    if (nothing) {
      take(nothing[0].length);
      continue;
    }
    const [begin = "", name] = declaration.exec(rest) ?? [];
    const end = rest.indexOf("'", begin.length);
    const after = end < 0 ? null : afterValue.exec(rest.slice(end + 1));
    if (name === undefined || !after) throw new EnvFileError(`line ${line}: expected NAME='value'`);
    variables.set(name, rest.slice(begin.length, end));
    take(end + 1 + after[0].length);
  }
  return variables;
}
