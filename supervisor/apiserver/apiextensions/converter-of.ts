import type { ServiceDialer } from "../webhooks/webhook-client.ts";
import type { Definition } from "./custom-version.ts";
import { type ObjectConverter, renamingConverter } from "./text-converter.ts";
import { WebhookConverter } from "./webhook-converter.ts";

export interface ConverterServices {
  /** Finds the way to Services; without it only webhooks with an URL are asked. */
  readonly connector?: ServiceDialer;
  uid(): string;
}

/** What a definition's conversion strategy says. */
export function converterOf({ spec }: Definition, services: ConverterServices): ObjectConverter {
  const { strategy, webhook } = spec.conversion ?? { strategy: "None" };
  if (strategy !== "Webhook" || webhook?.clientConfig === undefined) return renamingConverter;
  return new WebhookConverter({
    target: webhook.clientConfig,
    reviewVersions: webhook.conversionReviewVersions,
    dialer: services.connector,
    uid: () => services.uid(),
  });
}
