import { join } from "node:path";

export interface TestCertificate {
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** A certificate for localhost and other names that signs itself, made by openssl in a folder of the test's. */
export function makeCertificate(
  directory: string,
  name = "server",
  names: readonly string[] = [],
): TestCertificate {
  const certificatePath = join(directory, `${name}.crt`);
  const keyPath = join(directory, `${name}.key`);
  const run = Bun.spawnSync([
    ...["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${name}`],
    ...[
      "-addext",
      `subjectAltName=${["DNS:localhost", "IP:127.0.0.1", ...names.map((one) => `DNS:${one}`)]}`,
    ],
    ...["-keyout", keyPath, "-out", certificatePath],
  ]);
  if (run.exitCode !== 0) throw new Error(`openssl: ${run.stderr.toString()}`);
  return { certificatePath, keyPath };
}
