import { findFormatter } from "./find-formatter.ts";

/**
 * Makes an ext4 file system in a file or device by `mkfs.ext4`. Resolves with the program's complaint where it failed.
 * Throws where there is no such program.
 */
export async function formatExt4(
  path: string,
  options: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const program = findFormatter();
  if (!program) throw new Error("Program mkfs.ext4 is missing: install e2fsprogs");
  // A process, because nobody but e2fsprogs makes an ext4 that its own tools agree with.
  const child = Bun.spawn([program, ...options, path], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    env: { ...env, LC_ALL: "C" },
  });
  const said = await new Response(child.stderr).text();
  return (await child.exited) === 0 ? undefined : said.trim();
}
