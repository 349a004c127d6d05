import { type FieldError, invalidField, requiredField } from "../field-error.ts";
import { checkFormat } from "./field-checks.ts";
import { checkDnsSubdomain } from "./formats.ts";

const pathRegex = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const pathPattern = new RegExp(`^${pathRegex}$`);

/** A name such as `acme.io/foo` (apimachinery `pkg/util/validation`, `IsDomainPrefixedPath`). */
export function checkDomainPrefixedPath(errors: FieldError[], field: string, value: string): void {
  if (value === "") return void errors.push(requiredField(field));
  const slash = value.indexOf("/");
  const [host, path] = [value.slice(0, Math.max(slash, 0)), value.slice(slash + 1)];
  if (host === "" || path === "") {
    return void errors.push(
      invalidField(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")'),
    );
  }
  checkFormat(errors, field, host, checkDnsSubdomain);
  if (pathPattern.test(path)) return;
  errors.push(invalidField(field, path, `Invalid path (regex used for validation is '${pathRegex}')`));
}
