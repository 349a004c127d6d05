/** `v2`, `v1`, `v1beta2`, `v1alpha3`: major, stability and number. */
const kubernetesVersion = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;

const stabilities = ["alpha", "beta", undefined];

/**
 * Orders versions by what they promise, the best first (apimachinery `pkg/version`): general availability before beta
 * before alpha, newer before older, and versions of another form last, in the order of their texts.
 */
export function compareVersions(
  left: { readonly version: string },
  right: { readonly version: string },
): number {
  const first = kubernetesVersion.exec(left.version);
  const second = kubernetesVersion.exec(right.version);
  if (first === null && second === null) {
    return left.version < right.version ? -1 : left.version > right.version ? 1 : 0;
  }
  if (first === null || second === null) return first === null ? 1 : -1;
  const byStability = stabilities.indexOf(second[2]) - stabilities.indexOf(first[2]);
  if (byStability !== 0) return byStability;
  return Number(second[1]) - Number(first[1]) || Number(second[3] ?? 0) - Number(first[3] ?? 0);
}
