import { afterAll, beforeAll, expect, test } from "bun:test";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { CertificateAuthority } from "../../base/pki/certificate-authority.ts";
import { generateKeyPem } from "../../base/pki/keys.ts";
import { TokenKeys } from "../../base/pki/token-keys.ts";
import { OidcAuthenticator } from "./oidc.ts";

/** A provider over real TLS, whose keys a test may change. */
const authority = CertificateAuthority.create("provider", Date.now());
const clock = new FakeClock(Date.now());
let keys = new TokenKeys({ signingKeyPem: generateKeyPem() });
let asked = 0;
let provider: ReturnType<typeof Bun.serve>;
let issuer = "";
let users: OidcAuthenticator;

beforeAll(() => {
  const { certificatePem: cert, keyPem: key } = authority.issue({
    subject: { commonName: "localhost" },
    uses: ["server"],
    alternativeNames: ["localhost"],
    nowMs: Date.now(),
  });
  provider = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: { cert, key },
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/keys") {
        asked++;
        return Response.json(keys.keySet());
      }
      return Response.json({ issuer, jwks_uri: `${issuer}/keys` });
    },
  });
  issuer = `https://localhost:${provider.port}`;
  users = new OidcAuthenticator({
    settings: {
      issuer: {
        url: issuer,
        audiences: ["pacific"],
        certificateAuthority: authority.certificatePem,
      },
      claimMappings: {
        username: { claim: "sub", prefix: "corp:" },
        groups: { claim: "groups", prefix: "corp:" },
      },
      claimValidationRules: [{ claim: "hd", requiredValue: "example.com" }],
    },
    signingAlgorithms: ["ES256"],
    clock,
  });
});

afterAll(() => provider.stop(true));

function token(claims: object = {}): string {
  const exp = Math.floor(clock.now() / 1000) + 60;
  return keys.sign({
    iss: issuer,
    aud: "pacific",
    exp,
    sub: "ann",
    groups: ["ops"],
    hd: "example.com",
    ...claims,
  });
}

test("a provider's users are known by its tokens, with their prefixes", async () => {
  expect(await users.authenticate(token())).toEqual({ user: { name: "corp:ann", groups: ["corp:ops"] } });
  expect(await users.authenticate(token({ groups: "one" }))).toMatchObject({
    user: { groups: ["corp:one"] },
  });
  expect(users.authenticate(token({ iss: "https://other" }))).toBeUndefined();
  expect(asked).toBe(1);
});

test("tokens for others, of old times or of nobody are refused", async () => {
  expect(await users.authenticate(token({ aud: ["x"] }))).toEqual({
    error: 'oidc: verify token: oidc: expected audience in ["pacific"] got ["x"]',
  });
  expect(await users.authenticate(token({ hd: "example.org" }))).toEqual({
    error: "oidc: required claim hd value does not match. Got = example.org, want = example.com",
  });
  expect(await users.authenticate(token({ hd: undefined }))).toEqual({
    error: "oidc: required claim hd not present in ID token",
  });
  const [, payload, signature] = token().split(".");
  const head = Buffer.from('{"alg":"HS256"}').toString("base64url");
  expect(await users.authenticate(`${head}.${payload}.${signature}`)).toEqual({
    error:
      'oidc: verify token: oidc: id token signed with unsupported algorithm, expected ["ES256"] got "HS256"',
  });
  const short = token();
  expect(await users.authenticate(short)).toMatchObject({ user: { name: "corp:ann" } });
  await clock.advance(61_000);
  expect(await users.authenticate(short)).toEqual({ error: "oidc: verify token: oidc: token is expired" });
  const forged = new TokenKeys({ signingKeyPem: generateKeyPem() }).sign({ iss: issuer, sub: "root" });
  expect(await users.authenticate(forged)).toMatchObject({
    error: expect.stringContaining("failed to verify"),
  });
});

test("a provider that changes its keys is asked again, not too often", async () => {
  await clock.advance(60_000);
  keys = new TokenKeys({ signingKeyPem: generateKeyPem() });
  const before = asked;
  expect(await users.authenticate(token())).toMatchObject({ user: { name: "corp:ann" } });
  keys = new TokenKeys({ signingKeyPem: generateKeyPem() });
  expect(await users.authenticate(token())).toMatchObject({ error: expect.any(String) });
  expect(asked).toBe(before + 1);
});
