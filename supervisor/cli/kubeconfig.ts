import { readFile } from "node:fs/promises";
import { writeFileAtomic } from "../base/write-file-atomic.ts";

/** `pacific kubeconfig`: prints the administrator's kubeconfig, or writes it to a file that its owner alone reads. */
export async function runKubeconfig(sourcePath: string, outputPath: string | undefined): Promise<void> {
  const text = await readFile(sourcePath, "utf8").catch((error: unknown) => {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Error(
      `Cannot read the administrator's kubeconfig ${sourcePath} (${why}): start "pacific supervisor", or name its file with --kubeconfig`,
      { cause: error },
    );
  });
  if (outputPath === undefined) process.stdout.write(text);
  else await writeFileAtomic(outputPath, text, 0o600);
}
