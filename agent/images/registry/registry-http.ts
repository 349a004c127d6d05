import type { Clock } from "../../../supervisor/base/clock.ts";
import { ImageError, type RegistryAuth } from "../image-service.ts";
import { asText, parseJsonObject } from "../json-shape.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { RegistryEndpoint } from "./registry-hosts.ts";
import { type Fetch, type RegistryResponse, sendRequest } from "./send-request.ts";
import { statusError } from "./status-error.ts";

export interface RegistryHttpOptions {
  readonly endpoint: RegistryEndpoint;
  readonly auth?: RegistryAuth | undefined;
  readonly fetch: Fetch;
  /** A connection that says nothing for so long is broken. */
  readonly stallTimeoutMs: number;
  readonly clock: Clock;
}

const maxRedirects = 5;
const maxTokenBytes = 1 << 20;

/**
 * GET requests to one repository of one registry, with authentication (Docker's token specification and Basic) and
 * redirects. Credentials and tokens go to the registry itself alone, never to where it redirects; credentials also to
 * the token service that it names.
 */
export class RegistryHttp {
  readonly #options: RegistryHttpOptions;
  /** What the registry took last. */
  #authorization: string | undefined;

  constructor(options: RegistryHttpOptions) {
    this.#options = options;
  }

  /**
   * Sends a GET below `/v2/<repository>/`. Every answer but an error status resolves. Throws {@link ImageError}:
   * `not-found`, `unauthorized`, `unavailable`; the signal's reason when it aborts.
   */
  async get(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<RegistryResponse> {
    const { base, repository, mirrorOf } = this.#options.endpoint;
    const query = mirrorOf === undefined ? "" : `?ns=${encodeURIComponent(mirrorOf)}`;
    const url = `${base}/${repository}/${path}${query}`;
    let response = await this.#follow(url, headers, signal);
    if (response.status === 401) {
      const challenges = parseChallenges(response.headers.get("www-authenticate") ?? "");
      await response.discard();
      this.#authorization = await this.#authorize(challenges, signal);
      response = await this.#follow(url, headers, signal);
    }
    if (response.status >= 200 && response.status < 300) return response;
    throw await statusError(response, new URL(base).host, this.#options.auth !== undefined);
  }

  async #follow(
    start: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<RegistryResponse> {
    let url = start;
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const own = new URL(url).origin === new URL(start).origin;
      const authorization: Record<string, string> =
        own && this.#authorization !== undefined ? { authorization: this.#authorization } : {};
      const response = await this.#send(url, { ...headers, ...authorization }, signal);
      const location = response.headers.get("location");
      if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
      await response.discard();
      url = this.#redirected(url, location);
    }
    throw new ImageError("unavailable", `registry redirects more than ${maxRedirects} times`);
  }

  #redirected(from: string, location: string): string {
    if (!URL.canParse(location, from))
      throw new ImageError("unavailable", "registry redirects to no address");
    const target = new URL(location, from);
    const allowed = new URL(from).protocol === "https:" ? ["https:"] : ["http:", "https:"];
    if (allowed.includes(target.protocol)) return target.href;
    throw new ImageError(
      "unavailable",
      `registry redirects from ${new URL(from).protocol}// to ${target.protocol}//${target.host}, which is not safe`,
    );
  }

  async #authorize(challenges: readonly Challenge[], signal: AbortSignal): Promise<string> {
    const { auth } = this.#options;
    const basic = auth && `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`;
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) return `Bearer ${await this.#token(bearer, basic, signal)}`;
    if (challenges.some(({ scheme }) => scheme === "basic") && basic !== undefined) return basic;
    throw new ImageError(
      "unauthorized",
      auth === undefined
        ? "pull access denied: the registry wants a user name and password; name a Secret with them in imagePullSecrets"
        : "pull access denied: the registry asks for an authentication that is neither Basic nor Bearer",
    );
  }

  async #token(challenge: Challenge, basic: string | undefined, signal: AbortSignal): Promise<string> {
    const { base, repository } = this.#options.endpoint;
    const { realm = "", service, scope = `repository:${repository}:pull` } = challenge.parameters;
    if (!URL.canParse(realm)) throw new ImageError("unavailable", "registry names no token service");
    const url = new URL(realm);
    if (url.protocol !== "https:" && !(url.protocol === "http:" && base.startsWith("http:"))) {
      throw new ImageError("unavailable", `token service ${url.origin} of the registry is not https`);
    }
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.set("scope", scope);
    const response = await this.#send(url.href, basic === undefined ? {} : { authorization: basic }, signal);
    if (response.status !== 200) throw await statusError(response, url.host, basic !== undefined);
    const json = parseJsonObject(
      await response.text(maxTokenBytes),
      `answer of the token service ${url.host}`,
    );
    const token = asText(json.token) ?? asText(json.access_token);
    if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) {
      throw new ImageError("unavailable", `token service ${url.host} answers without a token`);
    }
    return token;
  }

  async #send(
    url: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<RegistryResponse> {
    const { endpoint, fetch, stallTimeoutMs, clock } = this.#options;
    return await sendRequest(fetch, url, {
      // Compressed transfers would hide how much of a blob has come.
      headers: { ...headers, "accept-encoding": "identity", "user-agent": "pacific" },
      signal,
      ...{ stallTimeoutMs, clock },
      ...(endpoint.tls && { tls: endpoint.tls }),
    });
  }
}
