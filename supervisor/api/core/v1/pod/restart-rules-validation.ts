import {
  type FieldError,
  notSupportedField,
  requiredField,
  tooManyField,
} from "../../../../apimachinery/field-error.ts";
import type { V1Container } from "../../../generated/types.ts";

const policies = ["Always", "Never", "OnFailure"];
const actions: ReadonlySet<string> = new Set(["Restart", "RestartAllContainers"]);
/** The message names only the older action. */
const namedActions = ["Restart"];
const operators = ["In", "NotIn"];
const needsPolicy = "must specify restartPolicy when restart rules are used";
const maxRules = 20;
const maxExitCodes = 255;

/** An init container's rules are only looked at where it has a policy. */
export function validateInitRestartRules(container: V1Container, path: string, errors: FieldError[]): void {
  if (container.restartPolicy !== undefined) validateRestartRules(container, path, errors);
  else if (container.restartPolicyRules?.length)
    errors.push(requiredField(`${path}.restartPolicy`, needsPolicy));
}

/** When one container is started again, beside the Pod's own policy. */
export function validateRestartRules(container: V1Container, path: string, errors: FieldError[]): void {
  const { restartPolicy, restartPolicyRules: rules } = container;
  if (restartPolicy !== undefined && !policies.includes(restartPolicy)) {
    errors.push(notSupportedField(`${path}.restartPolicy`, restartPolicy, policies));
  }
  if (rules === undefined || rules.length === 0) return;
  if (restartPolicy === undefined) {
    errors.push(requiredField(`${path}.restartPolicy`, needsPolicy));
  }
  const at = `${path}.restartPolicyRules`;
  if (rules.length > maxRules) errors.push(tooManyField(at, rules.length, maxRules));
  rules.forEach(({ action, exitCodes }, index) => {
    const rule = `${at}[${index}]`;
    if (!actions.has(action)) errors.push(notSupportedField(`${rule}.action`, action, namedActions));
    if (exitCodes === undefined) {
      errors.push(requiredField(`${rule}.exitCodes`, "must be specified"));
      return;
    }
    if (!operators.includes(exitCodes.operator)) {
      errors.push(notSupportedField(`${rule}.exitCodes.operator`, exitCodes.operator, operators));
    }
    const { values = [] } = exitCodes;
    if (values.length > maxExitCodes) {
      errors.push(tooManyField(`${rule}.exitCodes.values`, values.length, maxExitCodes));
    }
  });
}
