/**
 * Replaces `$(NAME)` by the variable's value; `$$` stands for `$`, so `$$(NAME)` stays `$(NAME)`. What names no
 * known variable stays as it is (core/v1 `Container.command`, `EnvVar.value`).
 */
export function expandVariables(text: string, variables: Pick<ReadonlyMap<string, string>, "get">): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, token: string, name: string | undefined) => {
    if (token === "$") return "$";
    return variables.get(name ?? "") ?? whole;
  });
}
