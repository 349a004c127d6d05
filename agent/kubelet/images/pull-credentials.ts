import type { V1Secret } from "../../../supervisor/api/generated/types.ts";
import type { RegistryAuth } from "../../images/image-service.ts";
import { registryPathOf } from "./image-reference.ts";

interface DockerEntry {
  readonly username?: unknown;
  readonly password?: unknown;
  readonly auth?: unknown;
}

/**
 * The credentials in the Secrets that fit an image's registry and path, the most specific first (kubelet
 * `credentialprovider`: an entry's host may hold `*`, its path is a prefix). Broken Secrets count as empty.
 */
export function pullCredentials(image: string, secrets: readonly V1Secret[]): RegistryAuth[] {
  const { host, path } = registryPathOf(image);
  const found: Array<{ specificity: number; auth: RegistryAuth }> = [];
  for (const secret of secrets) {
    for (const [key, entry] of Object.entries(dockerEntries(secret))) {
      const auth = registryAuth(entry);
      const [entryHost, entryPath] = splitKey(key);
      if (auth && hostMatches(entryHost, host) && pathMatches(entryPath, path)) {
        found.push({ specificity: entryPath.length, auth });
      }
    }
  }
  return found.sort((a, b) => b.specificity - a.specificity).map(({ auth }) => auth);
}

function dockerEntries(secret: V1Secret): Readonly<Record<string, DockerEntry>> {
  const isJson = secret.type === "kubernetes.io/dockerconfigjson";
  const encoded = secret.data?.[isJson ? ".dockerconfigjson" : ".dockercfg"];
  if (!encoded) return {};
  try {
    const parsed: unknown = JSON.parse(Buffer.from(encoded, "base64").toString("utf8"));
    const entries = isJson ? (parsed as { auths?: unknown } | null)?.auths : parsed;
    // The shape is whatever the user wrote; each entry is checked where it is read.
    return typeof entries === "object" && entries !== null ? (entries as Record<string, DockerEntry>) : {};
  } catch {
    return {};
  }
}

function registryAuth(entry: DockerEntry | null): RegistryAuth | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const { username, password, auth } = entry;
  if (typeof username === "string" && typeof password === "string" && username) return { username, password };
  if (typeof auth !== "string") return undefined;
  const decoded = Buffer.from(auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  return colon < 0
    ? undefined
    : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, "") };
}

/** `https://index.docker.io/v1/` and its like, as host and path. */
function splitKey(key: string): [host: string, path: string] {
  const bare = key.replace(/^https?:\/\//, "").replace(/\/+$/, "");
  const slash = bare.indexOf("/");
  const host = slash < 0 ? bare : bare.slice(0, slash);
  const path = slash < 0 ? "" : bare.slice(slash + 1);
  return [host === "index.docker.io" ? "docker.io" : host, /^v[12]$/.test(path) ? "" : path];
}

function hostMatches(pattern: string, host: string): boolean {
  const patternParts = pattern.split(".");
  const hostParts = host.split(".");
  if (patternParts.length !== hostParts.length) return false;
  return patternParts.every((part, index) => new Bun.Glob(part).match(hostParts[index] ?? ""));
}

function pathMatches(prefix: string, path: string): boolean {
  return prefix === "" || path === prefix || path.startsWith(`${prefix}/`);
}
