export type X509 = typeof import("@peculiar/x509");

/** How every key of ours signs. */
export const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Loads the library on first use: it costs about 30 MB, and a process that issues nothing does without. */
export async function loadX509(): Promise<X509> {
  // The library's dependency injection wants this global before it loads.
  await import("reflect-metadata");
  return await import("@peculiar/x509");
}
