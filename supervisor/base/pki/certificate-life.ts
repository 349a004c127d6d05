import { X509Certificate } from "node:crypto";

export interface CertificateLife {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** From when to when a certificate in PEM holds, in milliseconds since the Unix epoch. */
export function certificateLife(certificatePem: string): CertificateLife {
  const certificate = new X509Certificate(certificatePem);
  return { notBeforeMs: Date.parse(certificate.validFrom), notAfterMs: Date.parse(certificate.validTo) };
}

/** When a part of a certificate's life is over, two thirds unless told: the time to renew it. */
export function renewalTimeMs(certificatePem: string, part = 2 / 3): number {
  const { notBeforeMs, notAfterMs } = certificateLife(certificatePem);
  return notBeforeMs + (notAfterMs - notBeforeMs) * part;
}
