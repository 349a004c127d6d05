import { parse as parseYaml } from "yaml";
import type { AuthenticationConfiguration } from "./jwt-authenticator.ts";

/** The form of a part of the document: a kind of value, a list of parts, or fields. */
type Form = "string" | "boolean" | readonly [Form] | { readonly [field: string]: Form };

const claimOrExpression = { claim: "string", expression: "string" } as const;

const prefixedClaimOrExpression = { ...claimOrExpression, prefix: "string" } as const;

const form: Form = {
  apiVersion: "string",
  kind: "string",
  jwt: [
    {
      issuer: {
        url: "string",
        discoveryURL: "string",
        certificateAuthority: "string",
        audiences: ["string"],
        audienceMatchPolicy: "string",
      },
      claimValidationRules: [{ ...claimOrExpression, requiredValue: "string", message: "string" }],
      claimMappings: {
        username: prefixedClaimOrExpression,
        groups: prefixedClaimOrExpression,
        uid: claimOrExpression,
        extra: [{ key: "string", valueExpression: "string" }],
      },
      userValidationRules: [{ expression: "string", message: "string" }],
    },
  ],
  anonymous: { enabled: "boolean", conditions: [{ path: "string" }] },
};

const versions = ["v1", "v1beta1"].map((version) => `apiserver.config.k8s.io/${version}`);

/** Reads a configuration from YAML or JSON, whatever it says. Throws an error that names what is of no known form. */
export function parseAuthenticationConfiguration(text: string): AuthenticationConfiguration {
  const document: unknown = parseYaml(text, { version: "1.1" });
  if (!isRecord(document)) throw new Error("it holds no object, expected an AuthenticationConfiguration");
  const { apiVersion, kind } = document;
  if (kind !== "AuthenticationConfiguration" || !versions.includes(String(apiVersion))) {
    throw new Error(
      `it is a ${String(apiVersion)} ${String(kind)}, expected an ${versions[0]} AuthenticationConfiguration`,
    );
  }
  const { jwt = [], anonymous } = shaped(document, form, "") as Partial<AuthenticationConfiguration>;
  return { jwt: jwt.map(withDefaults), ...(anonymous === undefined ? {} : { anonymous: { ...anonymous } }) };
}

type Settings = AuthenticationConfiguration["jwt"][number];

/** What Go has as empty values where the document says nothing. */
function withDefaults(settings: Partial<Settings>): Settings {
  const { issuer, claimMappings, claimValidationRules = [], userValidationRules = [] } = settings;
  const extra = claimMappings?.extra?.map((mapping) => ({ ...{ key: "", valueExpression: "" }, ...mapping }));
  return {
    issuer: { ...{ url: "", audiences: [] }, ...issuer },
    claimMappings: {
      ...{ username: {} },
      ...claimMappings,
      ...(extra === undefined ? {} : { extra }),
    },
    claimValidationRules,
    userValidationRules: userValidationRules.map((rule) => ({ ...{ expression: "" }, ...rule })),
  };
}

/** A part without its nulls. */
function shaped(value: unknown, expected: Form, at: string): unknown {
  if (typeof expected === "string") {
    if (typeof value === expected) return value;
    throw new Error(`${at} is ${JSON.stringify(value)}, expected a ${expected}`);
  }
  if (isList(expected)) {
    if (!Array.isArray(value)) throw new Error(`${at} is no list`);
    return value.map((item: unknown, index) => shaped(item, expected[0], `${at}[${index}]`));
  }
  if (!isRecord(value)) throw new Error(`${at} is no object`);
  const fields = Object.entries(value).flatMap(([field, part]) => {
    const path = at === "" ? field : `${at}.${field}`;
    const known = Object.hasOwn(expected, field) ? expected[field] : undefined;
    if (known === undefined) throw new Error(`strict decoding error: unknown field ${JSON.stringify(path)}`);
    return part === null ? [] : [[field, shaped(part, known, path)] as const];
  });
  return Object.fromEntries(fields);
}

function isList(value: Form): value is readonly [Form] {
  return Array.isArray(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
