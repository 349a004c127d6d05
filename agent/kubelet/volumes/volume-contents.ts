import type { V1Pod, V1Volume, V1VolumeProjection } from "../../../supervisor/api/generated/types.ts";
import type { DownwardContext } from "../containers/downward-values.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import { downwardPayload } from "./downward-payload.ts";
import { fileUser } from "./file-user.ts";
import { configMapPayload, secretPayload } from "./object-payload.ts";
import { aggregate, type Payload, payloadPath, VolumeError } from "./payload.ts";
import type { VolumeSource } from "./volume-source.ts";

/** The default of all kinds' `defaultMode`. */
const usualMode = 0o644;
/** A token's file where somebody else than root is to read it: then it is his alone. */
const ownTokenMode = 0o600;

/** What a volume is filled from. */
export interface VolumeScope {
  readonly pod: V1Pod;
  readonly source: VolumeSource;
  readonly context: DownwardContext;
}

/**
 * The files of a volume whose contents the API has; undefined for one that begins empty. Throws {@link VolumeError}, or
 * what the source throws.
 */
export async function volumeContents(volume: V1Volume, scope: VolumeScope): Promise<Payload | undefined> {
  const { configMap, secret, downwardAPI, projected } = volume;
  const { namespace } = podIdentity(scope.pod);
  if (configMap) {
    const { name = "", items = [], optional = false, defaultMode = usualMode } = configMap;
    return await configMapPayload(scope.source, namespace, { name, items, optional, defaultMode });
  }
  if (secret) {
    const { secretName: name = "", items = [], optional = false, defaultMode = usualMode } = secret;
    return await secretPayload(scope.source, namespace, { name, items, optional, defaultMode });
  }
  if (downwardAPI) {
    const { items = [], defaultMode = usualMode } = downwardAPI;
    return downwardPayload(items, scope.pod, scope.context, defaultMode);
  }
  if (projected) return await projectedContents(projected.sources ?? [], projected.defaultMode, scope);
  return undefined;
}

/** All sources together; where two have the same path, the later one's file is there. */
async function projectedContents(
  sources: readonly V1VolumeProjection[],
  defaultMode = usualMode,
  scope: VolumeScope,
): Promise<Payload> {
  const results = await Promise.allSettled(
    sources.map((source) => projectionContents(source, defaultMode, scope)),
  );
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  if (errors.length > 0) throw aggregate(errors);
  return new Map(results.flatMap((result) => (result.status === "fulfilled" ? [...result.value] : [])));
}

async function projectionContents(
  { configMap, secret, downwardAPI, serviceAccountToken }: V1VolumeProjection,
  defaultMode: number,
  scope: VolumeScope,
): Promise<Payload> {
  const { namespace } = podIdentity(scope.pod);
  if (configMap) {
    const { name = "", items = [], optional = false } = configMap;
    return await configMapPayload(scope.source, namespace, { name, items, optional, defaultMode });
  }
  if (secret) {
    const { name = "", items = [], optional = false } = secret;
    return await secretPayload(scope.source, namespace, { name, items, optional, defaultMode });
  }
  if (downwardAPI) return downwardPayload(downwardAPI.items ?? [], scope.pod, scope.context, defaultMode);
  if (!serviceAccountToken) throw new VolumeError("the projection names no source that is known here");
  const owner = fileUser(scope.pod);
  const isOwn = owner !== undefined || scope.pod.spec?.securityContext?.fsGroup !== undefined;
  const token = await scope.source.token(scope.pod, serviceAccountToken);
  const file = {
    content: Buffer.from(token),
    mode: isOwn ? ownTokenMode : defaultMode,
    ...(owner !== undefined && { owner }),
  };
  return new Map([[payloadPath(serviceAccountToken.path), file]]);
}
