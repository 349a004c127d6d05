/** Defaults and validation of PriorityLevelConfigurations, with the texts of kubernetes `pkg/apis/flowcontrol`. */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import type {
  V1ExemptPriorityLevelConfiguration,
  V1LimitedPriorityLevelConfiguration,
  V1LimitResponse,
  V1PriorityLevelConfiguration,
  V1PriorityLevelConfigurationSpec,
  V1QueuingConfiguration,
} from "../../generated/types.ts";
import { fixedPriorityLevelSpec } from "./bootstrap-objects.ts";

type Level = Pick<V1PriorityLevelConfiguration, "spec"> & { readonly metadata: { readonly name?: string } };

const maxQueues = 10_000_000;
/** What the dealing of hands has of random bits (apiserver `shufflesharding`). */
const maxHashBits = 60;
const nonNegative = "must be a non-negative integer";

export function setPriorityLevelDefaults(spec: Mutable<V1PriorityLevelConfigurationSpec>): void {
  if (spec.type === "Exempt") spec.exempt ??= {};
  if (spec.exempt !== undefined) {
    spec.exempt.nominalConcurrencyShares ??= 0;
    spec.exempt.lendablePercent ??= 0;
  }
  if (spec.limited !== undefined) {
    spec.limited.nominalConcurrencyShares ??= 30;
    spec.limited.lendablePercent ??= 0;
  }
  const queuing = spec.limited?.limitResponse?.queuing;
  if (queuing === undefined) return;
  queuing.handSize ||= 8;
  queuing.queues ||= 64;
  queuing.queueLengthLimit ||= 50;
}

export function validatePriorityLevel({ metadata, spec }: Level): FieldError[] {
  const errors: FieldError[] = [];
  const name = metadata.name ?? "";
  const { type = "", exempt, limited } = spec ?? {};
  if ((name === "exempt") !== (type === "Exempt")) {
    errors.push(invalidField("spec.type", type, "type must be 'Exempt' if and only if name is 'exempt'"));
  }
  if (type === "Exempt") {
    if (limited !== undefined) {
      errors.push(forbiddenField("spec.limited", "must be nil if the type is not Limited"));
    }
    validateShares(exempt ?? {}, "spec.exempt", errors);
  } else if (type === "Limited") {
    if (exempt !== undefined) {
      errors.push(forbiddenField("spec.exempt", "must be nil if the type is Limited"));
    }
    if (limited !== undefined) validateLimited(limited, errors);
    else errors.push(requiredField("spec.limited", "must not be empty when type is Limited"));
  } else errors.push(notSupportedField("spec.type", type, ["Exempt", "Limited"]));
  const fixed = fixedPriorityLevelSpec(name);
  if (fixed === undefined) return errors;
  const { exempt: _, ...compared } = { ...spec };
  const { exempt: __, ...expected } = { exempt: undefined, ...fixed };
  if (!equalJson(compared, expected)) {
    const part = name === "exempt" ? " except the 'spec.exempt' field" : "";
    errors.push(invalidField("spec", spec, `spec of '${name}'${part} must equal the fixed value`));
  }
  return errors;
}

function validateShares(
  shares: V1ExemptPriorityLevelConfiguration,
  path: string,
  errors: FieldError[],
): void {
  const { nominalConcurrencyShares: nominal = 0, lendablePercent = 0 } = shares;
  if (nominal < 0) errors.push(invalidField(`${path}.nominalConcurrencyShares`, nominal, nonNegative));
  if (lendablePercent < 0 || lendablePercent > 100) {
    const detail = "must be between 0 and 100, inclusive";
    errors.push(invalidField(`${path}.lendablePercent`, lendablePercent, detail));
  }
}

function validateLimited(limited: V1LimitedPriorityLevelConfiguration, errors: FieldError[]): void {
  const path = "spec.limited";
  const { borrowingLimitPercent, limitResponse } = limited;
  validateShares(limited, path, errors);
  if (borrowingLimitPercent !== undefined && borrowingLimitPercent < 0) {
    const detail = `if specified, ${nonNegative}`;
    errors.push(invalidField(`${path}.borrowingLimitPercent`, borrowingLimitPercent, detail));
  }
  validateResponse(limitResponse ?? { type: "" }, `${path}.limitResponse`, errors);
}

function validateResponse({ type, queuing }: V1LimitResponse, path: string, errors: FieldError[]): void {
  if (type === "Reject") {
    if (queuing === undefined) return;
    const detail = "must be nil if limited.limitResponse.type is not Limited";
    errors.push(forbiddenField(`${path}.queuing`, detail));
  } else if (type !== "Queue") {
    errors.push(notSupportedField(`${path}.type`, type, ["Queue", "Reject"]));
  } else if (queuing === undefined) {
    const detail = "must not be empty if limited.limitResponse.type is Limited";
    errors.push(requiredField(`${path}.queuing`, detail));
  } else validateQueuing(queuing, `${path}.queuing`, errors);
}

function validateQueuing(queuing: V1QueuingConfiguration, path: string, errors: FieldError[]): void {
  const { handSize = 0, queues = 0, queueLengthLimit = 0 } = queuing;
  const complain = (field: keyof V1QueuingConfiguration, detail: string) =>
    errors.push(invalidField(`${path}.${field}`, queuing[field] ?? 0, detail));
  if (queueLengthLimit <= 0) complain("queueLengthLimit", "must be positive");
  if (queues <= 0) complain("queues", "must be positive");
  else if (queues > maxQueues) complain("queues", `must not be greater than ${maxQueues}`);
  if (handSize <= 0) complain("handSize", "must be positive");
  else if (handSize > queues) complain("handSize", `should not be greater than queues (${queues})`);
  else if (Math.ceil(Math.log2(queues) * handSize) > maxHashBits) {
    const detail = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${maxHashBits}`;
    complain("handSize", detail);
  }
}
