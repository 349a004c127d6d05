import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { ImagePuller } from "../images/image-puller.ts";

/** An image volume as the container that it would be if it were one: what a puller asks about. */
export interface ImageVolume {
  readonly name: string;
  readonly asContainer: V1Container;
}

/** The image volumes that the container mounts. */
export function imageVolumesOf({ spec }: V1Pod, container: V1Container): ImageVolume[] {
  const mounted = new Set((container.volumeMounts ?? []).map(({ name }) => name));
  return (spec?.volumes ?? []).flatMap(({ name, image }) => {
    if (!image?.reference || !mounted.has(name)) return [];
    const { reference, pullPolicy } = image;
    const policy = pullPolicy && { imagePullPolicy: pullPolicy };
    return [{ name, asContainer: { name: container.name, image: reference, ...policy } }];
  });
}

/** Brings the images of volumes to the host, by the same rules as containers' own; their disks by the volume's name. */
export async function pullImageVolumes(
  puller: ImagePuller,
  pod: V1Pod,
  container: V1Container,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const disks = new Map<string, string>();
  for (const { name, asContainer } of imageVolumesOf(pod, container)) {
    disks.set(name, (await puller.ensureImage(pod, asContainer, signal)).diskPath);
  }
  return disks;
}
