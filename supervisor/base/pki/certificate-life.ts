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

/** When two thirds of a certificate's life are over: the time to renew it. */
export function renewalTimeMs(certificatePem: string): number {
  const { notBeforeMs, notAfterMs } = certificateLife(certificatePem);
  return notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3;
}
