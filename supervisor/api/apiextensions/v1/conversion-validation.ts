import { X509Certificate } from "node:crypto";
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { reviewVersionErrors, targetErrors } from "../../../apimachinery/validation/webhook-target.ts";
import type {
  ApiextensionsV1WebhookClientConfig,
  V1CustomResourceConversion,
} from "../../generated/types.ts";

const path = "spec.conversion";
const clientPath = `${path}.webhookClientConfig`;
const versionsPath = `${path}.conversionReviewVersions`;

/** `mayHaveInvalidBundle`: its CA bundle need not be one. */
export function validateConversion(
  conversion: V1CustomResourceConversion | undefined,
  mayHaveInvalidBundle: boolean,
): readonly FieldError[] {
  if (conversion === undefined) return [];
  const { strategy, webhook } = conversion;
  if (strategy === "Webhook") {
    return [
      ...clientErrors(webhook?.clientConfig, mayHaveInvalidBundle),
      ...reviewVersionErrors(webhook?.conversionReviewVersions ?? [], versionsPath),
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
  const { caBundle } = client;
  const errors = targetErrors(client, clientPath);
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
