/** The files that ConfigMaps and Secrets make (kubelet `configmap.MakePayload` and `secret.MakePayload`). */
import type { V1KeyToPath } from "../../../supervisor/api/generated/types.ts";
import type { ConfigSource } from "../containers/environment.ts";
import { type Payload, payloadPath, VolumeError } from "./payload.ts";

/** What volumes and projections of both kinds have in common. */
export interface ObjectReference {
  readonly name: string;
  readonly items: readonly V1KeyToPath[];
  readonly optional: boolean;
  readonly defaultMode: number;
}

type Contents = ReadonlyMap<string, Uint8Array>;

/** Throws {@link VolumeError}. */
export async function configMapPayload(
  source: ConfigSource,
  namespace: string,
  reference: ObjectReference,
): Promise<Payload> {
  const map = await source.configMap(namespace, reference.name);
  if (!map && !reference.optional) throw new VolumeError(`configmap "${reference.name}" not found`);
  const texts = Object.entries(map?.data ?? {}).map(([key, text]) => [key, Buffer.from(text)] as const);
  const contents = new Map([...texts, ...decoded(map?.binaryData)]);
  return select(contents, reference, "configmap references non-existent config key");
}

/** Throws {@link VolumeError}. */
export async function secretPayload(
  source: ConfigSource,
  namespace: string,
  reference: ObjectReference,
): Promise<Payload> {
  const secret = await source.secret(namespace, reference.name);
  if (!secret && !reference.optional) throw new VolumeError(`secret "${reference.name}" not found`);
  return select(new Map(decoded(secret?.data)), reference, "references non-existent secret key");
}

function decoded(data: Readonly<Record<string, string>> = {}): Array<readonly [string, Uint8Array]> {
  return Object.entries(data).map(([key, encoded]) => [key, Buffer.from(encoded, "base64")]);
}

function select(contents: Contents, reference: ObjectReference, complaint: string): Payload {
  const { items, optional, defaultMode } = reference;
  if (items.length === 0) {
    return new Map([...contents].map(([key, content]) => [key, { content, mode: defaultMode }]));
  }
  const payload: Payload = new Map();
  for (const { key, path, mode } of items) {
    const content = contents.get(key);
    if (content) payload.set(payloadPath(path), { content, mode: mode ?? defaultMode });
    else if (!optional) throw new VolumeError(`${complaint}: ${key}`);
  }
  return payload;
}
