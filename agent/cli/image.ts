import { join } from "node:path";
import { Logger } from "../../supervisor/base/logging.ts";
import type { Image } from "../images/image-service.ts";
import { ImageStore } from "../images/image-store.ts";
import { formatBytes, ProgressLine } from "./progress-line.ts";

export interface ImageCommandOptions {
  /** The host's data dir, `/var/lib/pacific/host`. A daemon may be using it at the same time. */
  readonly dataDir: string;
}

export interface ImageImportOptions extends ImageCommandOptions {
  readonly path: string;
  /** Names the archive's one image, in place of the names in the archive. */
  readonly name?: string;
  readonly signal: AbortSignal;
  /** Where progress is shown; only on a terminal. */
  readonly progress?: Pick<NodeJS.WriteStream, "isTTY" | "write">;
}

/** Where the host keeps its images, below its data dir. */
export function imageStoreDir(dataDir: string): string {
  return join(dataDir, "images");
}

/** `pacific image import FILE`: returns the lines to print. Throws `ImageError`. */
export async function imageImport(options: ImageImportOptions): Promise<string[]> {
  const { path, signal, name, progress } = options;
  const line = new ProgressLine(progress);
  const images = await openStore(options)
    .importArchive(path, signal, {
      ...(name === undefined ? {} : { name }),
      onProgress: (each) => line.showPull(each),
    })
    .finally(() => line.clear());
  return images.map((image) => {
    const names = image.repoTags.length > 0 ? image.repoTags : image.repoDigests;
    if (names.length > 0) return `Imported ${names.join(", ")} (${formatBytes(image.sizeBytes)})`;
    return `Imported ${image.id} (${formatBytes(image.sizeBytes)}); it has no name, give it one with --name NAME`;
  });
}

/** `pacific image list`: a table, one line an image and tag. */
export async function imageList(options: ImageCommandOptions): Promise<string[]> {
  const images = await openStore(options).listImages();
  const rows = images.flatMap(rowsOf).sort((a, b) => a.join(" ").localeCompare(b.join(" ")));
  return table([["IMAGE", "TAG", "IMAGE ID", "SIZE"], ...rows]);
}

function openStore({ dataDir }: ImageCommandOptions): ImageStore {
  return new ImageStore({ dataDir: imageStoreDir(dataDir), logger: new Logger("warn") });
}

function rowsOf(image: Image): string[][] {
  const rest = [image.id.slice("sha256:".length, "sha256:".length + 13), formatBytes(image.sizeBytes)];
  const tags = image.repoTags.map((name) => {
    const colon = name.lastIndexOf(":");
    return [name.slice(0, colon), name.slice(colon + 1), ...rest];
  });
  if (tags.length > 0) return tags;
  return [[image.repoDigests[0]?.split("@")[0] ?? "<none>", "<none>", ...rest]];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("   ")
      .trimEnd(),
  );
}
