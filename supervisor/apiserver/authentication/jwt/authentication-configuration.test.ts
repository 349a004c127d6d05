import { expect, test } from "bun:test";
import { parseAuthenticationConfiguration } from "./authentication-configuration.ts";
import { ClaimExpressions } from "./claim-expressions.ts";
import { ClaimMapper } from "./claim-mapper.ts";
import { validateAuthenticationConfiguration } from "./validate-configuration.ts";

const head = { apiVersion: "apiserver.config.k8s.io/v1", kind: "AuthenticationConfiguration" };
const issuer = { url: "https://login.example", audiences: ["pacific"] };
const username = { claim: "sub", prefix: "" };

function parsed(document: object): ReturnType<typeof parseAuthenticationConfiguration> {
  return parseAuthenticationConfiguration(JSON.stringify({ ...head, ...document }));
}

function problems(document: object): readonly string[] {
  const errors = validateAuthenticationConfiguration(parsed(document), new ClaimExpressions(), [
    "https://own.example",
  ]);
  return errors.map(({ field, body }) => `${field}: ${body}`);
}

function problemsOf(jwt: object): readonly string[] {
  const whole = { issuer, claimMappings: { username }, ...jwt };
  return problems({ jwt: [whole] }).map((problem) => problem.replace(/^jwt\[0\]\./, ""));
}

function mapper(jwt: object): ClaimMapper {
  const configuration = parsed({ jwt: [{ issuer, claimMappings: { username }, ...jwt }] });
  const expressions = new ClaimExpressions();
  expect(validateAuthenticationConfiguration(configuration, expressions, [])).toEqual([]);
  const [settings] = configuration.jwt;
  if (settings === undefined) throw new Error("There is no provider");
  return new ClaimMapper(settings, expressions);
}

test("a configuration of another form is refused", () => {
  expect(() => parseAuthenticationConfiguration("kind: Pod")).toThrow("it is a undefined Pod");
  expect(() => parsed({ jwt: [{ issuer: { ...issuer, key: 1 } }] })).toThrow(
    'strict decoding error: unknown field "jwt[0].issuer.key"',
  );
  expect(() => parsed({ jwt: [{ issuer: { ...issuer, audiences: [1] } }] })).toThrow(
    "jwt[0].issuer.audiences[0] is 1, expected a string",
  );
  expect(parsed({ jwt: null, anonymous: { enabled: false } })).toEqual({
    jwt: [],
    anonymous: { enabled: false },
  });
});

test.each<[name: string, jwt: object, problems: readonly string[]]>([
  ["right", {}, []],
  ["of no issuer", { issuer: { audiences: ["a"] } }, ["issuer.url: Required value"]],
  [
    "of an unsafe issuer",
    { issuer: { url: "http://a:b@x?q#f", audiences: ["a"] } },
    [
      "URL scheme must be https",
      "URL must not contain a username or password",
      "URL must not contain a query",
      "URL must not contain a fragment",
    ].map((detail) => `issuer.url: Invalid value: "http://a:b@x?q#f": ${detail}`),
  ],
  [
    "of the server's own issuer, found below itself",
    { issuer: { url: "https://own.example", discoveryURL: "https://own.example/", audiences: ["a"] } },
    [
      'issuer.url: Invalid value: "https://own.example": URL must not overlap with disallowed issuers: [https://own.example]',
      'issuer.discoveryURL: Invalid value: "https://own.example/": discoveryURL must be different from URL',
    ],
  ],
  [
    "for nobody",
    { issuer: { url: "https://x" } },
    ["issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required"],
  ],
  [
    "for some",
    { issuer: { url: "https://x", audiences: ["a", "a", ""], certificateAuthority: "x" } },
    [
      'issuer.audiences[1]: Duplicate value: "a"',
      "issuer.audiences[2]: Required value",
      'issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences',
      'issuer.certificateAuthority: Invalid value: "<omitted>": data does not contain any valid RSA or ECDSA certificates',
    ],
  ],
  [
    "with claims that are no rules",
    {
      claimValidationRules: [
        { claim: "a", expression: "true" },
        {},
        { claim: "hd", message: "m" },
        { claim: "hd", requiredValue: "x" },
        { expression: "true", requiredValue: "x" },
        { expression: "claims.a" },
      ],
    },
    [
      'claimValidationRules[0]: Invalid value: "a": claim and expression can\'t both be set',
      "claimValidationRules[1]: Required value: claim or expression is required",
      'claimValidationRules[2].message: Invalid value: "m": may not be specified when claim is set',
      'claimValidationRules[3].claim: Duplicate value: "hd"',
      'claimValidationRules[4].requiredValue: Invalid value: "x": may not be specified when expression is set',
      'claimValidationRules[5].expression: Invalid value: "claims.a": must evaluate to bool',
    ],
  ],
  [
    "with mappings of both kinds or none",
    {
      claimMappings: {
        username: {},
        groups: { expression: "claims.groups", prefix: "" },
        uid: { claim: "a", expression: "b" },
        extra: [{ key: "a.k8s.io/X", valueExpression: "" }],
      },
    },
    [
      "claimMappings.username: Required value: claim or expression is required",
      'claimMappings.groups.prefix: Invalid value: "": may not be specified when expression is set',
      'claimMappings.uid: Invalid value: "": claim and expression can\'t both be set',
      'claimMappings.extra[0].key: Invalid value: "a.k8s.io/X": must be lowercase',
      'claimMappings.extra[0].key: Invalid value: "a.k8s.io/X": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use',
      "claimMappings.extra[0].valueExpression: Required value",
    ],
  ],
  [
    "with names that have no prefix",
    { claimMappings: { username: { claim: "sub" } } },
    [
      "claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing",
    ],
  ],
  [
    "with addresses that nobody verified",
    { claimMappings: { username: { expression: "claims.email" } } },
    [
      expect.stringContaining(
        'claimMappings.username.expression: Invalid value: "claims.email": claims.email_verified must be used in',
      ),
    ],
  ],
  [
    "with rules for users",
    { userValidationRules: [{}, { expression: "user.nam == ''" }] },
    [
      "userValidationRules[0].expression: Required value",
      expect.stringContaining("userValidationRules[1].expression: Invalid value"),
    ],
  ],
])("a provider %s", (_name, jwt, expected) => {
  expect(problemsOf(jwt)).toEqual(expected as string[]);
});

test("what concerns all providers is checked", () => {
  const jwt = { issuer, claimMappings: { username } };
  expect(problems({ jwt: [jwt, jwt], anonymous: { conditions: [{ path: "/livez" }] } })).toEqual([
    'jwt[1].issuer.url: Duplicate value: "https://login.example"',
    'anonymous.conditions: Invalid value: [{"path":"/livez"}]: enabled should be set to true when conditions are defined',
  ]);
});

test("expressions make a user of claims", () => {
  const users = mapper({
    claimMappings: {
      username: { expression: "claims.email_verified ? claims.email : 'unverified:' + claims.email" },
      groups: { expression: "claims.roles.map(role, 'corp:' + role)" },
      uid: { expression: "claims.id" },
      extra: [
        { key: "example.com/team", valueExpression: "claims.team" },
        { key: "example.com/none", valueExpression: "claims.?none.orValue('')" },
      ],
    },
    userValidationRules: [{ expression: "!user.username.startsWith('system:')", message: "a system's name" }],
  });
  const claims = { email: "a@x", email_verified: true, roles: ["ops"], id: "7", team: ["red", ""], jti: "j" };
  expect(users.identity(claims)).toEqual({
    user: {
      name: "a@x",
      groups: ["corp:ops"],
      uid: "7",
      extra: { "authentication.kubernetes.io/credential-id": ["JTI=j"], "example.com/team": ["red"] },
    },
  });
  const refused = (change: object) => users.identity({ ...claims, ...change });
  expect(refused({ email: "system:x" })).toEqual({
    error:
      "oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith('system:')' failed: a system's name",
  });
  expect(refused({ email: "" })).toEqual({
    error: "oidc: empty username via CEL expression is not allowed",
  });
  expect(refused({ id: 7 })).toEqual({
    error: "oidc: error evaluating uid claim expression: uid claim expression must return a string",
  });
  expect(refused({ team: 7 })).toEqual({
    error:
      "oidc: error evaluating extra claim expression: claims.team: expression must return a string or a list of strings",
  });
  expect(refused({ roles: undefined })).toEqual({
    error:
      "oidc: error evaluating group claim expression: expression 'claims.roles.map(role, 'corp:' + role)' resulted in error: no such key: roles",
  });
});

test("claims that are named are read as texts, and by rules", () => {
  const users = mapper({
    claimMappings: {
      username: { claim: "email", prefix: "x:" },
      groups: { claim: "groups", prefix: "" },
      uid: { claim: "id" },
    },
    claimValidationRules: [{ expression: "claims.exp - claims.iat <= 60", message: "it lives too long" }],
  });
  const claims = { email: "a@x", groups: "one", id: "7", exp: 60, iat: 0 };
  expect(users.identity(claims)).toEqual({ user: { name: "x:a@x", groups: ["one"], uid: "7" } });
  const cases: ReadonlyArray<readonly [change: object, error: string]> = [
    [
      { exp: 61 },
      "error evaluating claim validation expression: validation expression 'claims.exp - claims.iat <= 60' failed: it lives too long",
    ],
    [{ email_verified: false }, "email not verified"],
    [
      { email_verified: "yes" },
      "parse 'email_verified' claim: json: cannot unmarshal string into Go value of type bool",
    ],
    [
      { email: 1 },
      'parse username claims "email": json: cannot unmarshal number into Go value of type string',
    ],
    [
      { groups: [1] },
      'parse groups claim "groups": json: cannot unmarshal array into Go value of type string',
    ],
    [{ id: true }, 'parse uid claim "id": json: cannot unmarshal bool into Go value of type string'],
  ];
  for (const [change, error] of cases) {
    expect(users.identity({ ...claims, ...change })).toEqual({ error: `oidc: ${error}` });
  }
  const typed = mapper({ claimValidationRules: [{ expression: "type(claims.a[0].b) == double" }] });
  expect(typed.identity({ sub: "ann", a: [{ b: 1 }] })).toEqual({ user: { name: "ann", groups: [] } });
  expect(users.identity({ groups: [] })).toEqual({
    error: 'oidc: parse username claims "email": claim not present',
  });
});
