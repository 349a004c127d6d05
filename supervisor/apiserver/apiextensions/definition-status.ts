import { approvalState, isProtectedGroup } from "../../api/apiextensions/v1/api-approval.ts";
import { isCaBundle } from "../../api/apiextensions/v1/conversion-validation.ts";
import { setDefinitionCondition } from "../../registry/apiextensions/definition-conditions.ts";
import type { Typed } from "../../registry/resource-definition.ts";
import type { Definition } from "./custom-version.ts";
import { decideNames } from "./definition-names.ts";

const messages = {
  InstanceDeletionInProgress: "CustomResource deletion is in progress",
  InstanceDeletionCompleted: "removed all instances",
  NeverEstablished: "resource was never established",
  OverlappingBuiltInResource: "instances overlap with built-in resources in storage",
};

/** Says how far the deletion of a definition is. */
export function setTerminating(
  definition: Typed<Definition>,
  now: string,
  reason: keyof typeof messages,
): void {
  const status = reason === "InstanceDeletionInProgress" ? "True" : "False";
  setDefinitionCondition(definition, now, { type: "Terminating", status, reason, message: messages[reason] });
}

/** Gives a definition the names that are free, and establishes it where it has all that it wants. */
export function setAcceptance(
  definition: Typed<Definition>,
  others: readonly Definition[],
  now: string,
): void {
  // A definition that is being changed is one all the same.
  const { acceptedNames, namesAccepted, established } = decideNames(
    definition as unknown as Definition,
    others,
  );
  definition.status = { ...definition.status, acceptedNames };
  setApproval(definition, now);
  setDefinitionCondition(definition, now, namesAccepted);
  const bundle = definition.spec.conversion?.webhook?.clientConfig?.caBundle;
  const isBroken = bundle !== undefined && bundle !== "" && !isCaBundle(bundle);
  setDefinitionCondition(
    definition,
    now,
    established.status === "True" && isBroken && !wasEstablished(definition)
      ? {
          type: "Established",
          status: "False",
          reason: "InvalidCABundle",
          message: "The conversion webhook CABundle is invalid",
        }
      : established,
  );
}

function wasEstablished({ status }: Typed<Definition>): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: state }) => type === "Established" && state === "True",
  );
}

/** Groups of the community say whether the definition follows their policy. */
function setApproval(definition: Typed<Definition>, now: string): void {
  if (!isProtectedGroup(definition.spec.group)) return;
  const { state, reason: message } = approvalState(definition);
  const condition = {
    Missing: { status: "False", reason: "MissingAnnotation" },
    Bypassed: { status: "False", reason: "UnapprovedAPI" },
    Approved: { status: "True", reason: "ApprovedAnnotation" },
    Invalid: { status: "False", reason: "InvalidAnnotation" },
  }[state];
  setDefinitionCondition(definition, now, {
    type: "KubernetesAPIApprovalPolicyConformant",
    ...condition,
    message,
  });
}
