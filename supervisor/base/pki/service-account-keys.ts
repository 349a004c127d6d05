import { createPublicKey, generateKeyPair } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isFileMissing } from "../errors.ts";
import { writeFileAtomic } from "../write-file-atomic.ts";
import type { TokenKeyOptions } from "./token-keys.ts";

const generate = promisify(generateKeyPair);
/** What upstream's set-ups make; clients outside know RS256 best. */
const rsaBits = 2048;

/**
 * Reads the keys of ServiceAccount tokens: `sa.key` signs, and every public key in `sa.pub` is trusted. What is absent is
 * made, so to change the key is to remove `sa.key` and start again: tokens of the old one count until it is taken out of
 * `sa.pub`. Throws where a file cannot be read or written.
 */
export async function loadServiceAccountKeys(directory: string): Promise<TokenKeyOptions> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const [keyPath, publicPath] = [join(directory, "sa.key"), join(directory, "sa.pub")];
  const known = publicKeys(await readOptional(publicPath));
  const signingKeyPem = (await readOptional(keyPath)) || (await makeKey(keyPath));
  const own = createPublicKey(signingKeyPem).export({ type: "spki", format: "pem" }).toString();
  if (!known.includes(own)) await writeFileAtomic(publicPath, [own, ...known].join(""), 0o600);
  return { signingKeyPem, formerKeyPems: known.filter((pem) => pem !== own) };
}

async function makeKey(path: string): Promise<string> {
  const { privateKey } = await generate("rsa", { modulusLength: rsaBits });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await writeFileAtomic(path, pem, 0o600);
  return pem;
}

function publicKeys(text: string): readonly string[] {
  return Array.from(
    text.matchAll(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g),
    ([pem]) => `${pem}\n`,
  );
}

async function readOptional(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isFileMissing(error)) return "";
    throw error;
  }
}
