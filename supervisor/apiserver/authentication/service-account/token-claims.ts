/** What ServiceAccount tokens say (kubernetes `pkg/serviceaccount/claims.go`, `legacy.go`). */
import type { Claims } from "../../../base/pki/token-keys.ts";

/** Whom tokens in Secrets name as their issuer. */
export const legacyIssuer = "kubernetes/serviceaccount";

export interface ObjectIdentity {
  readonly name: string;
  readonly uid: string;
}

export interface BoundClaims {
  readonly namespace: string;
  readonly serviceAccount: ObjectIdentity;
  readonly pod?: ObjectIdentity;
  readonly node?: ObjectIdentity;
  readonly secret?: ObjectIdentity;
  /** From when on its use is to be warned of, in seconds since the Unix epoch. */
  readonly warnAfter?: number;
  readonly tokenId: string;
  readonly audiences: readonly string[];
  readonly notBefore?: number;
  readonly expires?: number;
}

interface NewClaims extends Omit<BoundClaims, "notBefore" | "expires"> {
  readonly issuer: string;
  /** In seconds since the Unix epoch. */
  readonly now: number;
  readonly lifeSeconds: number;
}

export function boundTokenClaims(given: NewClaims): Claims {
  const { namespace, serviceAccount, pod, node, secret, warnAfter, issuer, now } = given;
  return {
    aud: given.audiences,
    exp: now + given.lifeSeconds,
    iat: now,
    iss: issuer,
    jti: given.tokenId,
    "kubernetes.io": {
      namespace,
      ...(node === undefined ? {} : { node }),
      ...(pod === undefined ? {} : { pod }),
      ...(secret === undefined ? {} : { secret }),
      serviceaccount: serviceAccount,
      ...(warnAfter === undefined ? {} : { warnafter: warnAfter }),
    },
    nbf: now,
    sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function record(value: unknown): Claims | undefined {
  return typeof value === "object" && value !== null ? { ...value } : undefined;
}

function identity(value: unknown): ObjectIdentity | undefined {
  const fields = record(value);
  return fields && { name: text(fields.name), uid: text(fields.uid) };
}

function seconds(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

export function audiencesOf({ aud }: Claims): readonly string[] {
  if (typeof aud === "string") return [aud];
  return Array.isArray(aud) ? aud.filter((one) => typeof one === "string") : [];
}

/** What a verified token of ours says; undefined where it says nothing of a ServiceAccount. */
export function readBoundClaims(claims: Claims): BoundClaims | undefined {
  const own = record(claims["kubernetes.io"]);
  const serviceAccount = identity(own?.serviceaccount);
  if (own === undefined || serviceAccount === undefined) return undefined;
  const [pod, node, secret] = [own.pod, own.node, own.secret].map(identity);
  const [expires, notBefore] = [seconds(claims.exp), seconds(claims.nbf)];
  const warnAfter = seconds(own.warnafter);
  return {
    namespace: text(own.namespace),
    serviceAccount,
    tokenId: text(claims.jti),
    audiences: audiencesOf(claims),
    ...(pod === undefined ? {} : { pod }),
    ...(node === undefined ? {} : { node }),
    ...(secret === undefined ? {} : { secret }),
    ...(warnAfter === undefined ? {} : { warnAfter }),
    ...(expires === undefined ? {} : { expires }),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

const legacyPrefix = "kubernetes.io/serviceaccount";

export interface LegacyClaims {
  readonly namespace: string;
  readonly serviceAccount: ObjectIdentity;
  readonly secret: string;
}

/** What a token says that stands in a Secret and ends with it. */
export function readLegacyClaims(claims: Claims): LegacyClaims {
  const claim = (name: string): string => text(claims[`${legacyPrefix}/${name}`]);
  return {
    namespace: claim("namespace"),
    serviceAccount: { name: claim("service-account.name"), uid: claim("service-account.uid") },
    secret: claim("secret.name"),
  };
}
