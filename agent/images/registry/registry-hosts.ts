import type { RegistryAuth } from "../image-service.ts";
import type { ImageReference } from "../reference.ts";

/** What a TLS connection to a registry trusts and shows; texts are PEM. */
export interface RegistryTls {
  /** Trusted in place of the system's authorities. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
}

/** How one server is spoken with, where the defaults are not right. */
export interface RegistryHost {
  /** Speaks http without TLS. The default is https, and http for registries on this machine's loopback. */
  readonly plainHttp?: boolean;
  readonly tls?: RegistryTls;
  /** For pulls that bring no credentials of their own. */
  readonly auth?: RegistryAuth;
}

/** Servers that are asked before the registry itself. */
export interface RegistryMirror {
  /** Their addresses, `https://mirror.test` or with the path of their API, `https://mirror.test/v2/hub`. */
  readonly endpoints: readonly string[];
  /** Patterns of repositories with what is asked for instead; the first that fits counts. */
  readonly rewrites: ReadonlyArray<{ readonly pattern: RegExp; readonly replacement: string }>;
}

export interface Registries {
  /** By the registry's name as it stands in references, `localhost:5000`; `*` is for all others. */
  readonly mirrors: Readonly<Record<string, RegistryMirror>>;
  /** By host and port. */
  readonly hosts: Readonly<Record<string, RegistryHost>>;
}

export const defaultRegistries: Registries = { mirrors: {}, hosts: {} };

/** Where the requests for one repository go. */
export interface RegistryEndpoint {
  /** `https://registry-1.docker.io/v2` */
  readonly base: string;
  readonly repository: string;
  /** The registry that a mirror stands in for: it is named to it (containerd's query `ns`). */
  readonly mirrorOf?: string;
  readonly tls?: RegistryTls;
  readonly auth?: RegistryAuth;
}

/** The endpoints to try for an image, in this order: mirrors, then the registry itself. */
export function registryEndpoints(reference: ImageReference, registries: Registries): RegistryEndpoint[] {
  const { registry, repository } = reference;
  const mirror = ownOf(registries.mirrors, registry) ?? ownOf(registries.mirrors, "*");
  const rewrite = mirror?.rewrites.find(({ pattern }) => pattern.test(repository));
  const mirrored = rewrite ? repository.replace(rewrite.pattern, rewrite.replacement) : repository;
  const mirrors = (mirror?.endpoints ?? []).map((address): RegistryEndpoint => {
    const url = new URL(address);
    const path = url.pathname.replace(/\/+$/, "") || "/v2";
    const host = ownOf(registries.hosts, url.host) ?? {};
    return { base: url.origin + path, repository: mirrored, mirrorOf: registry, ...connection(host) };
  });
  return [...mirrors, registryItself(reference, registries)];
}

/** Docker Hub's API has another name than its references. */
function registryItself({ registry, repository }: ImageReference, { hosts }: Registries): RegistryEndpoint {
  const name = registry === "docker.io" ? "registry-1.docker.io" : registry;
  const host = ownOf(hosts, registry) ?? ownOf(hosts, name) ?? {};
  const plainHttp = host.plainHttp ?? (host.tls === undefined && isLoopback(registry));
  return { base: `${plainHttp ? "http" : "https"}://${name}/v2`, repository, ...connection(host) };
}

function connection({ tls, auth }: RegistryHost): Pick<RegistryEndpoint, "tls" | "auth"> {
  return { ...(tls && { tls }), ...(auth && { auth }) };
}

function ownOf<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Whether a registry's name is this machine itself: there TLS has nothing to protect (containerd, Docker alike). */
function isLoopback(registry: string): boolean {
  const name = registry.replace(/:[0-9]+$/, "");
  return name === "localhost" || name === "[::1]" || /^127(\.[0-9]{1,3}){3}$/.test(name);
}
