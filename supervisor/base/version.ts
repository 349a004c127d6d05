/** The version that `/version` and every node's kubelet give: the Kubernetes API that we speak, and our build of it. */
export const kubernetesVersion = "v1.36.0+pacific.1";

/** Set by the build: the hash of all that went into the program. */
declare const PACIFIC_BUILD: string | undefined;

/** Tells builds of one version apart; empty where the program runs from its sources. */
export const build: string = typeof PACIFIC_BUILD === "string" ? PACIFIC_BUILD : "";

/** Set by the build: the commit that the program was made from, its date, `clean` or `dirty`; empty outside of a clone. */
declare const PACIFIC_SOURCE: string | undefined;

/** What `/version` and the metrics tell of a build. */
export interface VersionInfo {
  readonly major: string;
  readonly minor: string;
  readonly emulationMajor: string;
  readonly emulationMinor: string;
  readonly minCompatibilityMajor: string;
  readonly minCompatibilityMinor: string;
  readonly gitVersion: string;
  /** Empty where it is not known. */
  readonly gitCommit: string;
  readonly gitTreeState: string;
  /** The commit's date, so that a build can be repeated; 1970 where it is not known, as upstream. */
  readonly buildDate: string;
  /** Empty: no Go is in it. */
  readonly goVersion: string;
  readonly compiler: string;
  readonly platform: string;
}

/** What is told of a build of this source, `COMMIT DATE STATE`. */
export function versionInfoOf(source: string): VersionInfo {
  const [gitCommit = "", buildDate = "1970-01-01T00:00:00Z", gitTreeState = ""] =
    source === "" ? [] : source.split(" ");
  const [major = "", minor = ""] = kubernetesVersion.slice(1).split(".");
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: kubernetesVersion,
    gitCommit,
    gitTreeState,
    buildDate,
    goVersion: "",
    compiler: "bun",
    platform: `linux/${process.arch === "x64" ? "amd64" : process.arch}`,
  };
}

export const versionInfo: VersionInfo = versionInfoOf(
  typeof PACIFIC_SOURCE === "string" ? PACIFIC_SOURCE : "",
);
