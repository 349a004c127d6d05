import type { Image } from "../../images/image-service.ts";

/** The repository of an image name: without tag and digest. */
export function repositoryOf(name: string): string {
  const [beforeDigest = ""] = name.split("@");
  const slash = beforeDigest.lastIndexOf("/");
  const colon = beforeDigest.indexOf(":", slash + 1);
  return colon < 0 ? beforeDigest : beforeDigest.slice(0, colon);
}

/**
 * The image as a Pod's status names it, `repo@sha256:…`: by the repository that the Pod names where the image is known
 * under it, else by any, else by the image's id.
 */
export function imageReferenceOf(name: string, image: Image): string {
  const repository = repositoryOf(name);
  const own = image.repoDigests.find((digest) => {
    const known = repositoryOf(digest);
    return known === repository || known.endsWith(`/${repository}`);
  });
  return own ?? image.repoDigests[0] ?? image.id;
}

/** The registry and path that credentials are looked up by; Docker Hub's short names are spelled out. */
export function registryPathOf(name: string): { readonly host: string; readonly path: string } {
  const repository = repositoryOf(name);
  const slash = repository.indexOf("/");
  const first = slash < 0 ? "" : repository.slice(0, slash);
  const isHost = first.includes(".") || first.includes(":") || first === "localhost";
  if (!isHost) {
    return { host: "docker.io", path: slash < 0 ? `library/${repository}` : repository };
  }
  const host = first === "index.docker.io" ? "docker.io" : first;
  return { host, path: repository.slice(slash + 1) };
}
