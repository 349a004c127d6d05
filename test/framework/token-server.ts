import { createSign } from "node:crypto";
import { readFileSync } from "node:fs";
import type { TestCertificate } from "./certificates.ts";

export interface TokenServerOptions {
  readonly certificate: TestCertificate;
  readonly service: string;
  readonly issuer: string;
  /** Who may have tokens; undefined for everybody. */
  readonly users?: Readonly<Record<string, string>>;
}

/** A token service as Docker's token specification has it, on a free port of loopback. */
export class TokenServer {
  readonly #server: Bun.Server<undefined>;
  readonly #options: TokenServerOptions;
  /** What was asked for, in order: `scope user`. */
  readonly requests: string[] = [];

  constructor(options: TokenServerOptions) {
    this.#options = options;
    this.#server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => this.#answer(request) });
  }

  get realm(): string {
    return `http://127.0.0.1:${this.#server.port}/token`;
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }

  /** A token for one repository, signed by the certificate's key. */
  token(repository: string, actions: readonly string[]): string {
    const { certificate, issuer, service } = this.#options;
    const der = readFileSync(certificate.certificatePath, "utf8").replace(/-----[A-Z ]+-----|\s/g, "");
    const now = Math.floor(Date.now() / 1000);
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = {
      ...{
        iss: issuer,
        aud: service,
        sub: "test",
        exp: now + 300,
        nbf: now - 5,
        iat: now,
        jti: crypto.randomUUID(),
      },
      access: [{ type: "repository", name: repository, actions }],
    };
    const unsigned = `${part({ typ: "JWT", alg: "RS256", x5c: [der] })}.${part(claims)}`;
    const key = readFileSync(certificate.keyPath);
    return `${unsigned}.${createSign("RSA-SHA256").update(unsigned).sign(key, "base64url")}`;
  }

  #answer(request: Request): Response {
    const scope = new URL(request.url).searchParams.get("scope") ?? "";
    const basic = /^Basic (.*)$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
    const [user = "", password] = Buffer.from(basic, "base64").toString().split(":");
    this.requests.push(`${scope} ${user}`);
    const { users } = this.#options;
    if (users !== undefined && users[user] !== password) return new Response("no", { status: 401 });
    const [, repository = "", actions = ""] = scope.split(":");
    return Response.json({ token: this.token(repository, actions.split(",")) });
  }
}
