import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { ImageError } from "../../images/image-service.ts";
import { formatReference, parseReference } from "../../images/reference.ts";

/** The whole names of the images that a Pod asks for, in its containers and volumes. */
export function imagesOf({ spec }: V1Pod): string[] {
  const { containers = [], initContainers = [], ephemeralContainers = [], volumes = [] } = spec ?? {};
  const named = [...containers, ...initContainers, ...ephemeralContainers].map(({ image }) => image);
  const mounted = volumes.map(({ image }) => image?.reference);
  return [...named, ...mounted].flatMap((name) => (name ? wholeName(name) : []));
}

function wholeName(name: string): string[] {
  try {
    return [formatReference(parseReference(name))];
  } catch (error) {
    if (error instanceof ImageError) return [];
    throw error;
  }
}
