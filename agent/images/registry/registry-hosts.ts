/** How one registry is reached, where the defaults are not right. */
interface RegistryHost {
  /** Speaks http without TLS. The default is https, and http for registries on this machine's loopback. */
  readonly plainHttp?: boolean;
  /** Certificates (PEM) that are trusted for this registry in place of the system's. */
  readonly certificateAuthority?: string;
}

/** By the registry's name as it stands in references, `localhost:5000`. */
export type RegistryHosts = Readonly<Record<string, RegistryHost>>;

/** Where the requests of a registry go. */
export interface RegistryEndpoint {
  /** `https://registry-1.docker.io` */
  readonly origin: string;
  readonly certificateAuthority?: string;
}

/** The endpoint of a registry. Docker Hub's API has another name than its references. */
export function registryEndpoint(registry: string, hosts: RegistryHosts): RegistryEndpoint {
  const host: RegistryHost = Object.hasOwn(hosts, registry) ? (hosts[registry] ?? {}) : {};
  const { certificateAuthority } = host;
  const plainHttp = host.plainHttp ?? (certificateAuthority === undefined && isLoopback(registry));
  const name = registry === "docker.io" ? "registry-1.docker.io" : registry;
  return {
    origin: `${plainHttp ? "http" : "https"}://${name}`,
    ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
  };
}

/** Whether a registry's name is this machine itself: there TLS has nothing to protect (containerd, Docker alike). */
function isLoopback(registry: string): boolean {
  const name = registry.replace(/:[0-9]+$/, "");
  return name === "localhost" || name === "[::1]" || /^127(\.[0-9]{1,3}){3}$/.test(name);
}
