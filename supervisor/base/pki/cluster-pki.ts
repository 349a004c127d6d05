import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { isFileMissing } from "../errors.ts";
import { writeFileAtomic } from "../write-file-atomic.ts";
import { type Certificate, CertificateAuthority, type IssueOptions } from "./certificate-authority.ts";
import { renewalTimeMs } from "./certificate-life.ts";

export interface ClusterPki {
  readonly authority: CertificateAuthority;
  /** The API server's own. */
  readonly server: Certificate;
  /** For the administrator's kubeconfig: `system:masters`. */
  readonly admin: Certificate;
  readonly frontProxy: FrontProxyPki;
}

/** By which servers that serve a part of the API know that it is this API server which asks them. */
interface FrontProxyPki {
  readonly authority: CertificateAuthority;
  readonly client: Certificate;
}

/** The name in the certificate by which this API server asks others. */
export const frontProxyName = "front-proxy-client";

export interface ClusterPkiOptions {
  /** Where the files are: `ca.crt`, `ca.key`, `server.crt`, …; made with mode 0700 if it is absent. */
  readonly directory: string;
  /** The names and addresses that the API server is reached by. */
  readonly serverNames: readonly string[];
  readonly clock: Clock;
}

/**
 * Reads the cluster's certificates, and makes those that are absent, have less than a third of their life left, were
 * signed by another authority, or lack a name. Throws where a file cannot be read or written.
 */
export async function loadClusterPki(options: ClusterPkiOptions): Promise<ClusterPki> {
  const { directory, clock } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const nowMs = clock.now();
  const authority = await loadAuthority(directory, "ca", `pacific-ca@${Math.floor(nowMs / 1000)}`, nowMs);
  const names = [...new Set(options.serverNames)];
  const server = await loadLeaf(directory, "server", authority, {
    subject: { commonName: "kube-apiserver" },
    uses: ["server"],
    alternativeNames: names,
    nowMs,
  });
  const admin = await loadLeaf(directory, "admin", authority, {
    subject: { commonName: "system:admin", organizations: ["system:masters"] },
    uses: ["client"],
    nowMs,
  });
  return { authority, server, admin, frontProxy: await loadFrontProxy(directory, nowMs) };
}

/** An authority of its own: what it signs may say of anybody that it is them. */
async function loadFrontProxy(directory: string, nowMs: number): Promise<FrontProxyPki> {
  const authority = await loadAuthority(directory, "front-proxy-ca", "front-proxy-ca", nowMs);
  const client = await loadLeaf(directory, "front-proxy-client", authority, {
    subject: { commonName: frontProxyName },
    uses: ["client"],
    nowMs,
  });
  return { authority, client };
}

async function loadAuthority(
  directory: string,
  file: string,
  commonName: string,
  nowMs: number,
): Promise<CertificateAuthority> {
  const known = await readPair(directory, file);
  if (known !== undefined) return new CertificateAuthority(known);
  const authority = CertificateAuthority.create(commonName, nowMs);
  await writePair(directory, file, authority);
  return authority;
}

async function loadLeaf(
  directory: string,
  name: string,
  authority: CertificateAuthority,
  issue: IssueOptions,
): Promise<Certificate> {
  const known = await readPair(directory, name);
  if (known !== undefined && isFit(known, authority, issue)) return known;
  const fresh = authority.issue(issue);
  await writePair(directory, name, fresh);
  return fresh;
}

function isFit(known: Certificate, authority: CertificateAuthority, issue: IssueOptions): boolean {
  const certificate = new X509Certificate(known.certificatePem);
  const issuer = new X509Certificate(authority.certificatePem);
  if (!certificate.verify(issuer.publicKey)) return false;
  if (!certificate.checkPrivateKey(createPrivateKey(known.keyPem))) return false;
  if (issue.nowMs >= renewalTimeMs(known.certificatePem)) return false;
  return (issue.alternativeNames ?? []).every(
    (name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined,
  );
}

/** A certificate with its key; undefined where the certificate is not there yet. */
async function readPair(directory: string, name: string): Promise<Certificate | undefined> {
  const certificatePem = await readFile(join(directory, `${name}.crt`), "utf8").catch(undefinedIfAbsent);
  if (certificatePem === undefined) return undefined;
  const keyPem = await readFile(join(directory, `${name}.key`), "utf8").catch(undefinedIfAbsent);
  if (keyPem !== undefined) return { certificatePem, keyPem };
  const path = join(directory, name);
  throw new Error(`There is ${path}.crt but no ${path}.key: put the key back, or remove the certificate too`);
}

function undefinedIfAbsent(error: unknown): undefined {
  if (isFileMissing(error)) return undefined;
  throw error;
}

/** The key first: a certificate without its key would be of no use after a crash in between. */
async function writePair(directory: string, name: string, pair: Certificate): Promise<void> {
  await writeFileAtomic(join(directory, `${name}.key`), pair.keyPem, 0o600);
  await writeFileAtomic(join(directory, `${name}.crt`), pair.certificatePem, 0o600);
}
