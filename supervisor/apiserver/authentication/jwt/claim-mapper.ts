/** Whom the claims of a verified token name (kubernetes `apiserver/plugin/pkg/authenticator/token/oidc`). */
import type { Claims } from "../../../base/pki/token-keys.ts";
import type { UserInfo } from "../../../registry/resource-definition.ts";
import type { TokenIdentity, TokenRefusal } from "../token-authenticator.ts";
import type { JwtAuthenticatorSettings } from "./jwt-authenticator.ts";

/** What an expression came to; `undefined` is a value that no mapping can use. */
export interface Evaluated {
  readonly value?: string | boolean | null | readonly string[] | undefined;
  readonly error?: string;
}

/** Evaluates the expressions of the settings. */
export interface ClaimEvaluator {
  evaluateClaims(expression: string, claims: unknown): Evaluated;
  evaluateUser(expression: string, user: unknown): Evaluated;
}

class Refused extends Error {}

export class ClaimMapper {
  readonly #settings: JwtAuthenticatorSettings;
  readonly #evaluator: ClaimEvaluator | undefined;

  /** Without `evaluator` the settings have no expressions. */
  constructor(settings: JwtAuthenticatorSettings, evaluator?: ClaimEvaluator) {
    this.#settings = settings;
    this.#evaluator = evaluator;
  }

  identity(claims: Claims): TokenIdentity | TokenRefusal {
    try {
      const [name, groups] = [this.#username(claims), this.#groups(claims)];
      const [uid, extra] = [this.#uid(claims), this.#extra(claims)];
      this.#checkClaims(claims);
      this.#checkUser({ username: name, uid, groups, extra });
      const user: UserInfo = {
        name,
        groups,
        ...(uid === "" ? {} : { uid }),
        ...(Object.keys(extra).length === 0 ? {} : { extra }),
      };
      return { user };
    } catch (error) {
      if (error instanceof Refused) return { error: `oidc: ${error.message}` };
      throw error;
    }
  }

  #username(claims: Claims): string {
    const { claim = "", prefix = "", expression = "" } = this.#settings.claimMappings.username;
    if (expression !== "") {
      const name = this.#text(expression, claims, "username");
      if (name === "") throw new Refused("empty username via CEL expression is not allowed");
      return name;
    }
    const name = textClaim(claims, claim, `parse username claims ${JSON.stringify(claim)}`);
    if (claim === "email") checkVerified(claims.email_verified);
    return prefix + name;
  }

  #groups(claims: Claims): readonly string[] {
    const { claim = "", prefix = "", expression = "" } = this.#settings.claimMappings.groups ?? {};
    if (claim !== "") {
      const value = claims[claim] ?? [];
      if (Array.isArray(value) && value.every((group) => typeof group === "string")) {
        return value.map((group) => prefix + group);
      }
      return [prefix + textClaim(claims, claim, `parse groups claim ${JSON.stringify(claim)}`)];
    }
    return expression === ""
      ? []
      : this.#texts(expression, claims, "error evaluating group claim expression");
  }

  #uid(claims: Claims): string {
    const { claim = "", expression = "" } = this.#settings.claimMappings.uid ?? {};
    if (claim !== "") return textClaim(claims, claim, `parse uid claim ${JSON.stringify(claim)}`);
    return expression === "" ? "" : this.#text(expression, claims, "uid");
  }

  #extra(claims: Claims): Readonly<Record<string, readonly string[]>> {
    const extra: Record<string, readonly string[]> = {};
    if (typeof claims.jti === "string" && claims.jti !== "") {
      extra["authentication.kubernetes.io/credential-id"] = [`JTI=${claims.jti}`];
    }
    for (const { key, valueExpression } of this.#settings.claimMappings.extra ?? []) {
      const what = `error evaluating extra claim expression: ${valueExpression}`;
      const values = this.#texts(valueExpression, claims, what);
      if (values.length > 0) extra[key] = values;
    }
    return extra;
  }

  #checkClaims(claims: Claims): void {
    const { claimValidationRules: rules = [] } = this.#settings;
    for (const { claim = "", requiredValue = "" } of rules) {
      if (claim === "") continue;
      if (!Object.hasOwn(claims, claim)) {
        throw new Refused(`required claim ${claim} not present in ID token`);
      }
      const value = textClaim(claims, claim, `parse claim ${claim}`);
      if (value === requiredValue) continue;
      throw new Refused(
        `required claim ${claim} value does not match. Got = ${value}, want = ${requiredValue}`,
      );
    }
    for (const { expression = "", message = "" } of rules) {
      if (expression === "") continue;
      const result = this.#evaluatorOf().evaluateClaims(expression, claims);
      checkCondition(result, { expression, message }, "error evaluating claim validation expression");
    }
  }

  #checkUser(user: object): void {
    for (const { expression, message = "" } of this.#settings.userValidationRules ?? []) {
      const result = this.#evaluatorOf().evaluateUser(expression, user);
      checkCondition(result, { expression, message }, "error evaluating user info validation rule");
    }
  }

  #text(expression: string, claims: Claims, subject: "username" | "uid"): string {
    const { value, error } = this.#evaluatorOf().evaluateClaims(expression, claims);
    const what = `error evaluating ${subject} claim expression`;
    if (error !== undefined) throw new Refused(`${what}: ${error}`);
    if (typeof value === "string") return value;
    throw new Refused(`${what}: ${subject} claim expression must return a string`);
  }

  /** Empty texts count for nothing. */
  #texts(expression: string, claims: Claims, what: string): readonly string[] {
    const { value, error } = this.#evaluatorOf().evaluateClaims(expression, claims);
    if (error !== undefined) throw new Refused(`${what}: ${error}`);
    if (value === undefined || typeof value === "boolean") {
      throw new Refused(`${what}: expression must return a string or a list of strings`);
    }
    return [value ?? []].flat().filter((text) => text !== "");
  }

  #evaluatorOf(): ClaimEvaluator {
    if (this.#evaluator === undefined) throw new Error("The settings have expressions that nobody evaluates");
    return this.#evaluator;
  }
}

function checkCondition(
  { value, error }: Evaluated,
  { expression, message }: { readonly expression: string; readonly message: string },
  what: string,
): void {
  if (error !== undefined) throw new Refused(`${what}: ${error}`);
  if (typeof value !== "boolean") throw new Refused(`${what}: validation expression must return a boolean`);
  if (!value) throw new Refused(`${what}: validation expression '${expression}' failed: ${message}`);
}

/** The claim as Go reads it into a string: null is nothing. */
function textClaim(claims: Claims, claim: string, what: string): string {
  if (!Object.hasOwn(claims, claim)) throw new Refused(`${what}: claim not present`);
  const value = claims[claim];
  if (typeof value === "string") return value;
  if (value === null) return "";
  throw new Refused(`${what}: ${cannotRead(value, "string")}`);
}

function checkVerified(verified: unknown): void {
  if (verified === undefined || verified === true) return;
  if (verified === false || verified === null) throw new Refused("email not verified");
  throw new Refused(`parse 'email_verified' claim: ${cannotRead(verified, "bool")}`);
}

function cannotRead(value: unknown, type: "string" | "bool"): string {
  const kind = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type ${type}`;
}
