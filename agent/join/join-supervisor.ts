import { ApiError, isForbidden, isUnauthorized } from "../../supervisor/apimachinery/errors.ts";
import { type Clock, clockSleep, systemClock } from "../../supervisor/base/clock.ts";
import { parseServerUrl } from "../../supervisor/base/config/server-url.ts";
import { asError, messageOf } from "../../supervisor/base/errors.ts";
import type { Logger } from "../../supervisor/base/logging.ts";
import { certificateLife } from "../../supervisor/base/pki/certificate-life.ts";
import { type JoinToken, parseJoinToken } from "../../supervisor/base/pki/join-token.ts";
import { certificateKeyHash, generateKeyPem, privateKeyHash } from "../../supervisor/base/pki/keys.ts";
import { Backoff } from "../../supervisor/client/backoff.ts";
import { HttpTransport } from "../../supervisor/client/http-transport.ts";
import { createClient } from "../../supervisor/client/rest-client.ts";
import { TransportError } from "../../supervisor/client/transport-error.ts";
import { fetchAuthority } from "./fetch-authority.ts";
import { type HostIdentity, IdentityStore } from "./identity-store.ts";
import { JoinError } from "./join-error.ts";
import { JoinedHost } from "./joined-host.ts";
import { requestCertificate } from "./request-certificate.ts";

export interface JoinOptions {
  /** `https://HOST:PORT`; may be absent once the host has joined. */
  readonly server?: string;
  /** May be absent once the host has joined. */
  readonly token?: string;
  readonly nodeName: string;
  readonly dataDir: string;
  readonly userAgent?: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly signal: AbortSignal;
}

/**
 * Joins a supervisor, or takes up the identity of an earlier start, for which the supervisor need not be there.
 * Waits and tries again, saying so, for what passes (a supervisor that is down); throws a {@link JoinError} for what
 * does not, and the signal's reason when that aborts.
 */
export async function joinSupervisor(options: JoinOptions): Promise<JoinedHost> {
  const { clock = systemClock, logger, signal, userAgent = "pacific-host" } = options;
  const server = options.server === undefined ? undefined : parseServer(options.server);
  const token = options.token === undefined ? undefined : readToken(options.token);
  const store = new IdentityStore(options.dataDir);
  const known = await store.load();
  if (known !== undefined) {
    checkKnown(known, options, token);
    const isValid = certificateLife(known.certificatePem).notAfterMs > clock.now();
    if (isValid) {
      const moved = server !== undefined && server !== known.server;
      const identity = moved ? { ...known, server } : known;
      if (moved) await store.save(identity);
      return new JoinedHost(identity, userAgent);
    }
  }
  const target = server ?? known?.server;
  if (target === undefined || token === undefined) throw new JoinError(whatIsMissing(known, target));
  const attempt = (): Promise<HostIdentity> =>
    join({ server: target, token, nodeName: options.nodeName, known, store, signal });
  return new JoinedHost(
    await retryWhilePassing(attempt, { server: target, clock, logger, signal }),
    userAgent,
  );
}

interface Attempt {
  readonly server: string;
  readonly token: JoinToken;
  readonly nodeName: string;
  /** The identity of an earlier time, whose certificate has expired: its key still is this host's. */
  readonly known: HostIdentity | undefined;
  readonly store: IdentityStore;
  readonly signal: AbortSignal;
}

async function join({ server, token, nodeName, known, store, signal }: Attempt): Promise<HostIdentity> {
  const caPem = await fetchAuthority(server, token, signal);
  const keyPem = known?.keyPem ?? (await pendingKey(store));
  const credentials = { token: `${token.id}.${token.secret}` };
  const client = createClient(new HttpTransport({ server, caPem, credentials, userAgent: "pacific-join" }));
  let certificatePem: string;
  try {
    certificatePem = await requestCertificate(client, { nodeName, keyPem }, signal);
  } catch (error) {
    if (isUnauthorized(error) || isForbidden(error))
      throw new JoinError(unknownToken(server, token), { cause: error });
    throw error;
  }
  if (certificateKeyHash(certificatePem) !== privateKeyHash(keyPem)) {
    throw new JoinError(`${server} sent a certificate for another key than this host's`);
  }
  const identity = { server, nodeName, caPem, certificatePem, keyPem };
  await store.save(identity);
  return identity;
}

async function pendingKey(store: IdentityStore): Promise<string> {
  const pending = await store.loadPendingKey();
  if (pending !== undefined) return pending;
  const keyPem = generateKeyPem();
  await store.savePendingKey(keyPem);
  return keyPem;
}

/** Tries again with growing delays while what fails may pass: no connection, or an error of the server itself. */
async function retryWhilePassing<T>(
  attempt: () => Promise<T>,
  { server, clock, logger, signal }: { server: string; clock: Clock; logger: Logger; signal: AbortSignal },
): Promise<T> {
  const backoff = new Backoff({ initialMs: 500, maxMs: 15_000 });
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error)) throw error instanceof JoinError ? error : permanent(server, error);
      const delayMs = Math.round(backoff.next());
      const cause = asError(error);
      logger.warn("Cannot join yet, trying again", { server, delayMs, error: cause });
      await clockSleep(clock, delayMs, signal);
    }
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof TransportError) return error.kind !== "untrusted";
  if (error instanceof ApiError)
    return error.code === 404 || error.code === 409 || error.code === 429 || error.code >= 500;
  return false;
}

function permanent(server: string, error: unknown): JoinError {
  const why = messageOf(error);
  return new JoinError(`Cannot join ${server}: ${why}`, { cause: error });
}

function readToken(text: string): JoinToken {
  try {
    return parseJoinToken(text);
  } catch (error) {
    throw new JoinError(messageOf(error), { cause: error });
  }
}

function parseServer(text: string): string {
  try {
    return parseServerUrl(text);
  } catch (error) {
    const why = messageOf(error);
    throw new JoinError(`Server ${JSON.stringify(text)}: ${why}`, { cause: error });
  }
}

/** Whether an identity of an earlier start is the one that is asked for now. */
function checkKnown(known: HostIdentity, options: JoinOptions, token: JoinToken | undefined): void {
  if (known.nodeName !== options.nodeName) {
    throw new JoinError(
      `Data directory ${options.dataDir} belongs to node ${known.nodeName}, not ${options.nodeName}: start with --node-name ${known.nodeName}, or with another --data-dir`,
    );
  }
  if (token !== undefined && token.caKeyHash !== certificateKeyHash(known.caPem)) {
    throw new JoinError(
      `Data directory ${options.dataDir} belongs to the supervisor at ${known.server}, and join token ${token.id} is of another one: start without the token, or with another --data-dir`,
    );
  }
}

function whatIsMissing(known: HostIdentity | undefined, target: string | undefined): string {
  if (known !== undefined) {
    const expired = new Date(certificateLife(known.certificatePem).notAfterMs).toISOString();
    return `The certificate of node ${known.nodeName} expired at ${expired}: start once with --token and the output of "pacific token create" on the supervisor`;
  }
  const missing = target === undefined ? "--server and --token" : "--token";
  return `This host has not joined yet: start it with ${missing}; "pacific token create" on the supervisor prints a token`;
}

function unknownToken(server: string, token: JoinToken): string {
  return `Join token ${token.id} is unknown to ${server} or has expired: make another with "pacific token create" on the supervisor`;
}
