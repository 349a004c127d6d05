import { X509Certificate } from "node:crypto";
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { checkDns1035Label, checkDnsSubdomain } from "../../../apimachinery/validation/formats.ts";
import type {
  ApiextensionsV1WebhookClientConfig,
  V1CustomResourceConversion,
} from "../../generated/types.ts";

const path = "spec.conversion";
const clientPath = `${path}.webhookClientConfig`;
const versionsPath = `${path}.conversionReviewVersions`;
const knownReviews = ["v1", "v1beta1"];

/** `mayHaveInvalidBundle`: until a definition is established its CA bundle need not be one yet. */
export function validateConversion(
  conversion: V1CustomResourceConversion | undefined,
  mayHaveInvalidBundle: boolean,
): readonly FieldError[] {
  if (conversion === undefined) return [];
  const { strategy, webhook } = conversion;
  if (strategy === "Webhook") {
    return [
      ...clientErrors(webhook?.clientConfig, mayHaveInvalidBundle),
      ...reviewVersionErrors(webhook?.conversionReviewVersions ?? []),
    ];
  }
  const errors: FieldError[] = [];
  if (strategy === "") errors.push(requiredField(`${path}.strategy`));
  else if (strategy !== "None") {
    errors.push(notSupportedField(`${path}.strategy`, strategy, ["None", "Webhook"]));
  }
  const unused = "should not be set when strategy is not set to Webhook";
  if (webhook?.clientConfig !== undefined) errors.push(forbiddenField(clientPath, unused));
  if ((webhook?.conversionReviewVersions ?? []).length > 0) errors.push(forbiddenField(versionsPath, unused));
  return errors;
}

function clientErrors(
  client: ApiextensionsV1WebhookClientConfig | undefined,
  mayHaveInvalidBundle: boolean,
): readonly FieldError[] {
  if (client === undefined) return [requiredField(clientPath, "required when strategy is set to Webhook")];
  const { url, service, caBundle } = client;
  const errors: FieldError[] = [];
  if ((url === undefined) === (service === undefined)) {
    errors.push(requiredField(clientPath, "exactly one of url or service is required"));
  } else if (url !== undefined) errors.push(...urlErrors(url, `${clientPath}.url`));
  else if (service !== undefined) errors.push(...serviceErrors(service, `${clientPath}.service`));
  if (caBundle && !mayHaveInvalidBundle && !isCaBundle(caBundle)) {
    const detail = "unable to load root certificates: unable to parse bytes as PEM block";
    errors.push(invalidField(`${clientPath}.caBundle`, caBundle, detail));
  }
  return errors;
}

/** Whether a base64 text holds certificates as PEM. */
export function isCaBundle(base64: string): boolean {
  const text = Buffer.from(base64, "base64").toString("utf8");
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g);
  if (blocks === null) return false;
  try {
    for (const block of blocks) new X509Certificate(block);
    return true;
  } catch {
    return false;
  }
}

const form = "; desired format: https://host[/path]";

function urlErrors(text: string, field: string): readonly FieldError[] {
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

type Service = NonNullable<ApiextensionsV1WebhookClientConfig["service"]>;

function serviceErrors(
  { name, namespace, port = 443, path: urlPath }: Service,
  field: string,
): readonly FieldError[] {
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

function reviewVersionErrors(versions: readonly string[]): readonly FieldError[] {
  if (versions.length === 0) return [requiredField(versionsPath)];
  const errors: FieldError[] = [];
  versions.forEach((version, index) => {
    const field = `${versionsPath}[${index}]`;
    if (versions.indexOf(version) < index) errors.push(invalidField(field, version, "duplicate version"));
    else for (const why of checkDns1035Label(version)) errors.push(invalidField(field, version, why));
  });
  if (!versions.some((version) => knownReviews.includes(version))) {
    errors.push(
      invalidField(versionsPath, versions, `must include at least one of ${knownReviews.join(", ")}`),
    );
  }
  return errors;
}
