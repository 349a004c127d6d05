/** A platform in the words of OCI, which are those of Go. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** The platform of this host's guests. */
export function hostPlatform(architecture: string = process.arch): Platform {
  return normalisePlatform({ os: "linux", architecture });
}

/** One spelling for each platform, with the default variants that containerd gives. */
function normalisePlatform({ os, architecture, variant }: Platform): Platform {
  const lower = architecture.toLowerCase();
  const names: Readonly<Record<string, string>> = { x86_64: "amd64", x64: "amd64", aarch64: "arm64" };
  const name = Object.hasOwn(names, lower) ? names[lower] : undefined;
  const normal = { os: os.toLowerCase(), architecture: name ?? lower };
  const isDefault =
    variant === undefined ||
    variant === "" ||
    (normal.architecture === "arm64" && /^v?8$/.test(variant)) ||
    (normal.architecture === "amd64" && variant === "v1");
  return isDefault ? normal : { ...normal, variant };
}

/** Whether this host runs what is built for the other platform. */
export function platformMatches(host: Platform, other: Platform): boolean {
  const [a, b] = [normalisePlatform(host), normalisePlatform(other)];
  // What is built for a default variant runs on every newer one, not the reverse.
  const variantFits = b.variant === undefined || a.variant === b.variant;
  return a.os === b.os && a.architecture === b.architecture && variantFits;
}

export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = normalisePlatform(platform);
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}
