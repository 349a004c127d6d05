import type { V1Container } from "../../../supervisor/api/generated/types.ts";

/**
 * A short hash over what must not change while a container runs: its name and image, as the kubelet's `HashContainer`
 * picks them. A running container with another hash is killed and made anew.
 */
export function containerHash(container: V1Container): string {
  const text = JSON.stringify({ image: container.image ?? "", name: container.name });
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16);
}
