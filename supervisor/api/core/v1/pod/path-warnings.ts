/** Files of a volume that lie in each other's place (kubernetes `pkg/api/pod/warnings.go`). */
import type { V1Volume, V1VolumeProjection } from "../../../generated/types.ts";

type Items = ReadonlyArray<{ readonly path: string }> | undefined;

export function pathWarnings(volumes: readonly V1Volume[]): string[] {
  return volumes.flatMap(({ name, configMap, secret, downwardAPI, projected }) => {
    const volume = `volume ${JSON.stringify(name)}`;
    const of = (what: string) => `${volume} (${what}): overlapping paths`;
    return [
      ...overlaps(pathsOf(configMap?.items), of(`ConfigMap ${JSON.stringify(configMap?.name ?? "")}`)),
      ...overlaps(pathsOf(secret?.items), of(`Secret ${JSON.stringify(secret?.secretName ?? "")}`)),
      ...overlaps(pathsOf(downwardAPI?.items), of("DownwardAPI")),
      ...projectedWarnings(projected?.sources ?? [], volume),
    ];
  });
}

function pathsOf(items: Items): readonly string[] {
  return (items ?? []).map(({ path }) => path);
}

function projectedWarnings(sources: readonly V1VolumeProjection[], volume: string): string[] {
  const warnings: string[] = [];
  const taken = new Set<string>();
  for (const source of sources) {
    if (Object.values(source).every((given) => given === undefined)) {
      warnings.push(`${volume} (Projected) has no sources provided`);
      continue;
    }
    const [paths, what] = projection(source);
    const text = `${volume} (Projected ${what}): overlapping paths`;
    warnings.push(...overlaps(paths, text));
    const own = new Set(paths);
    warnings.push(...overlaps([...own, ...taken].toSorted(), text));
    for (const path of own) taken.add(path);
  }
  return warnings;
}

function projection(source: V1VolumeProjection): readonly [paths: readonly string[], what: string] {
  const { configMap, secret, downwardAPI, serviceAccountToken: token, clusterTrustBundle: bundle } = source;
  if (configMap?.items)
    return [pathsOf(configMap.items), `ConfigMap ${JSON.stringify(configMap.name ?? "")}`];
  if (secret?.items) return [pathsOf(secret.items), `Secret ${JSON.stringify(secret.name ?? "")}`];
  if (downwardAPI?.items) return [pathsOf(downwardAPI.items), "DownwardAPI"];
  if (token) return [[token.path], "ServiceAccountToken"];
  if (bundle) {
    return [[bundle.path], `ClusterTrustBundle ${JSON.stringify(bundle.name ?? bundle.signerName ?? "")}`];
  }
  return [[], ""];
}

function overlaps(paths: readonly string[], text: string): string[] {
  const warnings: string[] = [];
  const seen = new Set<string>();
  for (const given of paths) {
    const path = given.replace(/\/+$/, "");
    const other = Array.from(seen).find((one) => meets(one, path));
    if (other !== undefined) warnings.push(`${text}: ${JSON.stringify(path)} with ${JSON.stringify(other)}`);
    seen.add(path);
  }
  return warnings;
}

/** Upstream compares beginnings of texts, not whole names. */
function meets(one: string, path: string): boolean {
  if (one === "" || path === "") return false;
  return one === path || `${one}/`.startsWith(path) || `${path}/`.startsWith(one);
}
