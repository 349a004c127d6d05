/** Where a webhook is and what it understands (apiserver `pkg/util/webhook/validation.go`). */
import { type FieldError, invalidField, requiredField } from "../field-error.ts";
import { checkDns1035Label, checkDnsSubdomain } from "./formats.ts";

export const knownReviews: readonly string[] = ["v1", "v1beta1"];

interface Target {
  readonly url?: string;
  readonly service?: {
    readonly name: string;
    readonly namespace: string;
    readonly port?: number;
    readonly path?: string;
  };
}

/** An address or a Service, but not both. */
export function targetErrors({ url, service }: Target, path: string): FieldError[] {
  if (url !== undefined && service === undefined) return urlErrors(url, `${path}.url`);
  if (url === undefined && service !== undefined) return serviceErrors(service, `${path}.service`);
  return [requiredField(path, "exactly one of url or service is required")];
}

const form = "; desired format: https://host[/path]";

function urlErrors(text: string, field: string): FieldError[] {
  if (!URL.canParse(text)) {
    const why = /^[a-z][a-z0-9+.-]*:/i.test(text)
      ? undefined
      : invalidField(field, "", `'https' is the only allowed URL scheme${form}`);
    return [...(why === undefined ? [] : [why]), invalidField(field, "", `host must be specified${form}`)];
  }
  const url = new URL(text);
  const errors: FieldError[] = [];
  if (url.protocol !== "https:") {
    errors.push(
      invalidField(field, url.protocol.slice(0, -1), `'https' is the only allowed URL scheme${form}`),
    );
  }
  if (url.host === "") errors.push(invalidField(field, "", `host must be specified${form}`));
  if (url.username !== "") {
    errors.push(invalidField(field, url.username, "user information is not permitted in the URL"));
  }
  if (url.hash !== "")
    errors.push(invalidField(field, url.hash.slice(1), "fragments are not permitted in the URL"));
  if (url.search !== "") {
    errors.push(invalidField(field, url.search.slice(1), "query parameters are not permitted in the URL"));
  }
  return errors;
}

type Service = NonNullable<Target["service"]>;

function serviceErrors({ name, namespace, port = 443, path: urlPath }: Service, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (name === "") errors.push(requiredField(`${field}.name`));
  if (namespace === "") errors.push(requiredField(`${field}.namespace`));
  if (port < 1 || port > 65_535) {
    const detail = "port is not valid: must be between 1 and 65535, inclusive";
    errors.push(invalidField(`${field}.port`, port, detail));
  }
  if (urlPath === undefined || urlPath === "" || urlPath === "/") return errors;
  if (!urlPath.startsWith("/")) errors.push(invalidField(`${field}.path`, urlPath, "must start with a '/'"));
  const segments = urlPath.slice(1).replace(/\/$/, "").split("/");
  segments.forEach((segment, index) => {
    const complaints =
      segment === "" ? [" may not be empty"] : checkDnsSubdomain(segment).map((why) => `: ${why}`);
    for (const why of complaints)
      errors.push(invalidField(`${field}.path`, urlPath, `segment[${index}]${why}`));
  });
  return errors;
}

/** The versions of reviews that a webhook understands. */
export function reviewVersionErrors(
  versions: readonly string[],
  path: string,
  detail = "",
): readonly FieldError[] {
  if (versions.length === 0) return [requiredField(path, detail)];
  const errors: FieldError[] = [];
  versions.forEach((version, index) => {
    const field = `${path}[${index}]`;
    if (versions.indexOf(version) < index) errors.push(invalidField(field, version, "duplicate version"));
    else for (const why of checkDns1035Label(version)) errors.push(invalidField(field, version, why));
  });
  if (!versions.some((version) => knownReviews.includes(version))) {
    errors.push(invalidField(path, versions, `must include at least one of ${knownReviews.join(", ")}`));
  }
  return errors;
}
