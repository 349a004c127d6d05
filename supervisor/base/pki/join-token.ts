/** A join token: a bootstrap token of Kubernetes, and the SHA-256 of the public key that the server's CA must have. */
export interface JoinToken {
  readonly id: string;
  readonly secret: string;
  readonly caKeyHash: string;
}

const pattern = /^([a-z0-9]{6})\.([a-z0-9]{16})\.([0-9a-f]{64})$/;
const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Reads a join token. Throws an error that shows no more of the text than what may be its public id. */
export function parseJoinToken(text: string): JoinToken {
  const [, id, secret, caKeyHash] = pattern.exec(text.trim()) ?? [];
  if (id !== undefined && secret !== undefined && caKeyHash !== undefined) return { id, secret, caKeyHash };
  const shown = /^[a-z0-9]{6}(?=\.)/.exec(text.trim())?.[0] ?? `of ${text.length} characters`;
  throw new Error(
    `Join token ${shown} is malformed: expected <6 characters>.<16 characters>.<64 hex digits>, as "pacific token create" prints it on the supervisor`,
  );
}

export function formatJoinToken(token: JoinToken): string {
  return `${token.id}.${token.secret}.${token.caKeyHash}`;
}

/** Makes a new token with an id and a secret at random. */
export function generateJoinToken(caKeyHash: string): JoinToken {
  return { id: randomText(6), secret: randomText(16), caKeyHash };
}

function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length * 2))) {
      // Of 256 values 252 are used, so that every character is equally likely.
      if (byte < 252 && text.length < length) text += alphabet[byte % 36];
    }
  }
  return text;
}
