import { createHash } from "node:crypto";
import { ImageError } from "../image-service.ts";
import { asObject, asText, asTexts } from "../json-shape.ts";
import type { ArchiveIndex } from "./archive-index.ts";
import { type ArchivedImage, maxDocumentBytes } from "./archived-image.ts";

/** The images of an archive by `docker save` (Docker image specification 1.2). Throws `invalid-image`. */
export async function readDockerArchive(archive: ArchiveIndex): Promise<ArchivedImage[]> {
  const items = parseList(await archive.text("manifest.json", maxDocumentBytes));
  return await Promise.all(
    items.map(async (item) => {
      const json = asObject(item);
      const configPath = asText(json?.Config);
      if (configPath === undefined) throw broken();
      const configText = await archive.text(configPath, maxDocumentBytes);
      return {
        id: `sha256:${createHash("sha256").update(configText).digest("hex")}`,
        configText,
        layers: asTexts(json?.Layers).map((name) => ({ ...archive.region(name), name })),
        names: asTexts(json?.RepoTags),
      };
    }),
  );
}

function parseList(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch {
    // The same to its user as a document of another shape.
  }
  throw broken();
}

function broken(): ImageError {
  return new ImageError("invalid-image", "manifest.json in the archive is not as docker save writes it");
}
