/** What a configuration may say (kubernetes `apiserver/pkg/apis/apiserver/validation`). */
import { X509Certificate } from "node:crypto";
import {
  duplicateField,
  type FieldError,
  invalidField,
  requiredField,
  tooManyField,
} from "../../../apimachinery/field-error.ts";
import { checkDomainPrefixedPath } from "../../../apimachinery/validation/domain-prefixed-path.ts";
import type {
  AuthenticationConfiguration,
  ClaimValidationRule,
  JwtAuthenticatorSettings,
  PrefixedClaimOrExpression,
  TokenIssuer,
  UserValidationRule,
} from "./jwt-authenticator.ts";

const maxAuthenticators = 64;

/** Makes expressions ready; what is wrong with one is its answer. */
export interface ExpressionCompiler {
  compileClaims(expression: string, kind: "value" | "condition"): string | undefined;
  compileUser(expression: string): string | undefined;
  /** Whether an expression that is ready looks at a claim of the token itself. */
  usesClaim(expression: string, claim: string): boolean;
}

export function validateAuthenticationConfiguration(
  { jwt, anonymous }: AuthenticationConfiguration,
  compiler: ExpressionCompiler,
  disallowedIssuers: readonly string[],
): readonly FieldError[] {
  if (jwt.length > maxAuthenticators) return [tooManyField("jwt", jwt.length, maxAuthenticators)];
  const errors: FieldError[] = [];
  const [issuers, discoveries] = [new Set<string>(), new Set<string>()];
  for (const [index, settings] of jwt.entries()) {
    const at = `jwt[${index}]`;
    checkIssuer(errors, settings.issuer, `${at}.issuer`, disallowedIssuers);
    checkClaims(errors, settings, at, compiler);
    checkUserRules(errors, settings.userValidationRules ?? [], `${at}.userValidationRules`, compiler);
    const { url, discoveryURL = "" } = settings.issuer;
    checkOnce(errors, issuers, url, `${at}.issuer.url`);
    if (discoveryURL !== "") checkOnce(errors, discoveries, discoveryURL, `${at}.issuer.discoveryURL`);
  }
  const { enabled = false, conditions = [] } = anonymous ?? {};
  if (!enabled && conditions.length > 0) {
    errors.push(
      invalidField(
        "anonymous.conditions",
        conditions,
        "enabled should be set to true when conditions are defined",
      ),
    );
  }
  return errors;
}

function checkOnce(errors: FieldError[], seen: Set<string>, value: string, at: string): boolean {
  if (seen.has(value)) {
    errors.push(duplicateField(at, value));
    return false;
  }
  seen.add(value);
  return true;
}

function checkIssuer(
  errors: FieldError[],
  issuer: TokenIssuer,
  at: string,
  disallowed: readonly string[],
): void {
  const { url, discoveryURL = "", audiences, audienceMatchPolicy = "", certificateAuthority = "" } = issuer;
  if (url === "") errors.push(requiredField(`${at}.url`));
  else checkUrl(errors, url, `${at}.url`, disallowed);
  if (discoveryURL !== "") {
    if (url !== "" && withoutSlashes(url) === withoutSlashes(discoveryURL)) {
      errors.push(
        invalidField(`${at}.discoveryURL`, discoveryURL, "discoveryURL must be different from URL"),
      );
    }
    checkUrl(errors, discoveryURL, `${at}.discoveryURL`, []);
  }
  checkAudiences(errors, audiences, audienceMatchPolicy, at);
  if (certificateAuthority !== "" && !isCertificate(certificateAuthority)) {
    errors.push(
      invalidField(
        `${at}.certificateAuthority`,
        "<omitted>",
        "data does not contain any valid RSA or ECDSA certificates",
      ),
    );
  }
}

function withoutSlashes(url: string): string {
  return url.replace(/\/+$/, "");
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

function checkUrl(errors: FieldError[], text: string, at: string, disallowed: readonly string[]): void {
  const refuse = (detail: string) => errors.push(invalidField(at, text, detail));
  if (disallowed.includes(text)) {
    refuse(`URL must not overlap with disallowed issuers: [${disallowed.join(" ")}]`);
  }
  const [beforeFragment = "", ...fragment] = text.split("#");
  const [beforeQuery = "", ...query] = beforeFragment.split("?");
  const { scheme = "", authority = "" } =
    /^(?:(?<scheme>[a-z][a-z\d+.-]*):)?(?:\/\/(?<authority>[^/]*))?/i.exec(beforeQuery)?.groups ?? {};
  if (scheme.toLowerCase() !== "https") refuse("URL scheme must be https");
  if (authority.includes("@")) refuse("URL must not contain a username or password");
  if (query.join("?") !== "") refuse("URL must not contain a query");
  if (fragment.join("#") !== "") refuse("URL must not contain a fragment");
}

function checkAudiences(
  errors: FieldError[],
  audiences: readonly string[],
  policy: string,
  issuer: string,
): void {
  const at = `${issuer}.audiences`;
  if (audiences.length === 0) return void errors.push(requiredField(at, `at least one ${at} is required`));
  const seen = new Set<string>();
  for (const [index, audience] of audiences.entries()) {
    if (audience === "") errors.push(requiredField(`${at}[${index}]`));
    checkOnce(errors, seen, audience, `${at}[${index}]`);
  }
  const detail =
    audiences.length > 1
      ? "audienceMatchPolicy must be MatchAny for multiple audiences"
      : "audienceMatchPolicy must be empty or MatchAny for single audience";
  if (policy === "MatchAny" || (policy === "" && audiences.length === 1)) return;
  errors.push(invalidField(`${issuer}.audienceMatchPolicy`, policy, detail));
}

/** Rules and mappings: who uses the e-mail address must look at whether it is verified. */
function checkClaims(
  errors: FieldError[],
  { claimValidationRules = [], claimMappings }: JwtAuthenticatorSettings,
  jwt: string,
  compiler: ExpressionCompiler,
): void {
  const [at, uid] = [`${jwt}.claimMappings`, claimMappings.uid];
  checkClaimRules(errors, claimValidationRules, `${jwt}.claimValidationRules`, compiler);
  const before = errors.length;
  checkMapping(errors, claimMappings.username, `${at}.username`, compiler, true);
  const usernameIsFine = errors.length === before;
  checkMapping(errors, claimMappings.groups ?? {}, `${at}.groups`, compiler, false);
  if (uid?.claim && uid.expression) {
    errors.push(invalidField(`${at}.uid`, "", "claim and expression can't both be set"));
  } else if (uid?.expression) {
    checkExpression(
      errors,
      uid.expression,
      `${at}.uid.expression`,
      compiler.compileClaims(uid.expression, "value"),
    );
  }
  checkExtra(errors, claimMappings.extra ?? [], `${at}.extra`, compiler);
  const { expression = "" } = claimMappings.username;
  const others = [
    ...claimValidationRules.map((rule) => rule.expression),
    ...(claimMappings.extra ?? []).map(({ valueExpression }) => valueExpression),
  ];
  if (!usernameIsFine || !compiler.usesClaim(expression, "email")) return;
  if ([expression, ...others].some((text = "") => compiler.usesClaim(text, "email_verified"))) return;
  errors.push(
    invalidField(
      `${at}.username.expression`,
      expression,
      "claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression",
    ),
  );
}

function checkClaimRules(
  errors: FieldError[],
  rules: readonly ClaimValidationRule[],
  path: string,
  compiler: ExpressionCompiler,
): void {
  const [claims, expressions] = [new Set<string>(), new Set<string>()];
  for (const [index, { claim = "", expression = "", requiredValue = "", message = "" }] of rules.entries()) {
    const at = `${path}[${index}]`;
    if (claim !== "" && expression !== "") {
      errors.push(invalidField(at, claim, "claim and expression can't both be set"));
    } else if (claim !== "") {
      if (message !== "") {
        errors.push(invalidField(`${at}.message`, message, "may not be specified when claim is set"));
      }
      checkOnce(errors, claims, claim, `${at}.claim`);
    } else if (expression !== "") {
      if (requiredValue !== "") {
        errors.push(
          invalidField(`${at}.requiredValue`, requiredValue, "may not be specified when expression is set"),
        );
      }
      if (!checkOnce(errors, expressions, expression, `${at}.expression`)) continue;
      const problem = compiler.compileClaims(expression, "condition");
      checkExpression(errors, expression, `${at}.expression`, problem);
    } else {
      errors.push(requiredField(at, "claim or expression is required"));
    }
  }
}

function checkExpression(
  errors: FieldError[],
  expression: string,
  at: string,
  problem: string | undefined,
): void {
  if (problem !== undefined) errors.push(invalidField(at, expression, problem));
}

function checkMapping(
  errors: FieldError[],
  { claim = "", expression = "", prefix }: PrefixedClaimOrExpression,
  at: string,
  compiler: ExpressionCompiler,
  required: boolean,
): void {
  if (claim !== "" && expression !== "") {
    errors.push(invalidField(at, "", "claim and expression can't both be set"));
  } else if (expression !== "") {
    if (prefix !== undefined) {
      errors.push(invalidField(`${at}.prefix`, prefix, "may not be specified when expression is set"));
    }
    checkExpression(errors, expression, `${at}.expression`, compiler.compileClaims(expression, "value"));
  } else if (claim !== "" && prefix === undefined) {
    errors.push(
      requiredField(
        `${at}.prefix`,
        "prefix is required when claim is set. It can be set to an empty string to disable prefixing",
      ),
    );
  } else if (claim === "" && required) {
    errors.push(requiredField(at, "claim or expression is required"));
  }
}

function checkExtra(
  errors: FieldError[],
  mappings: NonNullable<JwtAuthenticatorSettings["claimMappings"]["extra"]>,
  path: string,
  compiler: ExpressionCompiler,
): void {
  const seen = new Set<string>();
  for (const [index, { key, valueExpression }] of mappings.entries()) {
    const at = `${path}[${index}]`;
    checkDomainPrefixedPath(errors, `${at}.key`, key);
    if (key !== key.toLowerCase()) errors.push(invalidField(`${at}.key`, key, "must be lowercase"));
    if (/^([^/]*\.)?(kubernetes|k8s)\.io\//.test(key)) {
      errors.push(
        invalidField(
          `${at}.key`,
          key,
          "k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use",
        ),
      );
    }
    if (!checkOnce(errors, seen, key, `${at}.key`)) continue;
    if (valueExpression === "") errors.push(requiredField(`${at}.valueExpression`));
    else {
      const problem = compiler.compileClaims(valueExpression, "value");
      checkExpression(errors, valueExpression, `${at}.valueExpression`, problem);
    }
  }
}

function checkUserRules(
  errors: FieldError[],
  rules: readonly UserValidationRule[],
  path: string,
  compiler: ExpressionCompiler,
): void {
  const seen = new Set<string>();
  for (const [index, { expression }] of rules.entries()) {
    const at = `${path}[${index}].expression`;
    if (expression === "") errors.push(requiredField(at));
    else if (checkOnce(errors, seen, expression, at)) {
      checkExpression(errors, expression, at, compiler.compileUser(expression));
    }
  }
}
