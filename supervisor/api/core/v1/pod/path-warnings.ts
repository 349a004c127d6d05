/** Files of a volume that lie in each other's place (kubernetes `pkg/api/pod/warnings.go`). */
import type { V1Volume, V1VolumeProjection } from "../../../generated/types.ts";

type Items = ReadonlyArray<{ readonly path: string }> | undefined;

export function pathWarnings(volumes: readonly V1Volume[]): string[] {
  return volumes.flatMap(({ name, configMap, secret, downwardAPI, projected }) => {
    const volume = () => `volume ${JSON.stringify(name)}`;
    const of = (kind: string, source?: string) => () => overlapText(volume(), kind, source);
    return [
      ...overlaps(pathsOf(configMap?.items), of("ConfigMap", configMap?.name ?? "")),
      ...overlaps(pathsOf(secret?.items), of("Secret", secret?.secretName ?? "")),
      ...overlaps(pathsOf(downwardAPI?.items), of("DownwardAPI")),
      ...projectedWarnings(projected?.sources ?? [], volume),
    ];
  });
}

function overlapText(volume: string, kind: string, source?: string): string {
  const what = source === undefined ? kind : `${kind} ${JSON.stringify(source)}`;
  return `${volume} (${what}): overlapping paths`;
}

function pathsOf(items: Items): readonly string[] {
  return (items ?? []).map(({ path }) => path);
}

function projectedWarnings(sources: readonly V1VolumeProjection[], volume: () => string): string[] {
  const warnings: string[] = [];
  const taken = new Set<string>();
  for (const source of sources) {
    if (Object.values(source).every((given) => given === undefined)) {
      warnings.push(`${volume()} (Projected) has no sources provided`);
      continue;
    }
    const { paths, kind, name } = projection(source);
    const text = () => overlapText(volume(), `Projected ${kind}`, name);
    warnings.push(...overlaps(paths, text));
    const own = new Set(paths);
    warnings.push(...overlaps([...own, ...taken].toSorted(), text));
    for (const path of own) taken.add(path);
  }
  return warnings;
}

interface Projection {
  readonly paths: readonly string[];
  readonly kind: string;
  /** Of what is projected, where it has one. */
  readonly name?: string;
}

function projection(source: V1VolumeProjection): Projection {
  const { configMap, secret, downwardAPI, serviceAccountToken: token, clusterTrustBundle: bundle } = source;
  if (configMap?.items)
    return { paths: pathsOf(configMap.items), kind: "ConfigMap", name: configMap.name ?? "" };
  if (secret?.items) return { paths: pathsOf(secret.items), kind: "Secret", name: secret.name ?? "" };
  if (downwardAPI?.items) return { paths: pathsOf(downwardAPI.items), kind: "DownwardAPI" };
  if (token) return { paths: [token.path], kind: "ServiceAccountToken" };
  if (bundle) {
    return { paths: [bundle.path], kind: "ClusterTrustBundle", name: bundle.name ?? bundle.signerName ?? "" };
  }
  return { paths: [], kind: "" };
}

function overlaps(paths: readonly string[], text: () => string): string[] {
  const warnings: string[] = [];
  if (paths.length < 2) return warnings;
  const seen = new Set<string>();
  for (const given of paths) {
    const path = given.replace(/\/+$/, "");
    const other = Array.from(seen).find((one) => meets(one, path));
    if (other !== undefined)
      warnings.push(`${text()}: ${JSON.stringify(path)} with ${JSON.stringify(other)}`);
    seen.add(path);
  }
  return warnings;
}

/** Upstream compares beginnings of texts, not whole names. */
function meets(one: string, path: string): boolean {
  if (one === "" || path === "") return false;
  return one === path || `${one}/`.startsWith(path) || `${path}/`.startsWith(one);
}
