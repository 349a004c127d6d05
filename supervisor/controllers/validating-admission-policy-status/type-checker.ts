/**
 * Looks for mistakes in a policy's expressions that show only once it is known what they are about (apiserver
 * `policy/validating/typechecking.go`).
 */
import type {
  V1ExpressionWarning,
  V1NamedRuleWithOperations,
  V1ValidatingAdmissionPolicy,
} from "../../api/generated/types.ts";
import { kindModel } from "../../api/kind-model.ts";
import { modelResolver } from "../../api/model-types.ts";
import { admissionEnvironment, type KnownTypes } from "../../apimachinery/cel/admission-environment.ts";
import { compile } from "../../apimachinery/cel/compile.ts";
import type { DeclField, DeclType } from "../../apimachinery/cel/decl-type.ts";
import { schemaType, type TypeSchema } from "../../apimachinery/cel/schema-type.ts";
import { type CelType, dynType, objectType } from "../../apimachinery/cel/types.ts";
import type { GroupVersionResource } from "../../client/types.ts";
import type { ServedKinds } from "./served-kinds.ts";

const maxTypes = 10;

interface CheckedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface NamedType {
  readonly type: CelType;
  readonly objects: readonly DeclType[];
}

/** The warnings of all expressions; none for a policy without mistakes, or about everything. */
export async function expressionWarnings(
  policy: V1ValidatingAdmissionPolicy,
  served: ServedKinds,
): Promise<readonly V1ExpressionWarning[]> {
  const { spec } = policy;
  const contexts: Array<{ readonly name: string; readonly known: KnownTypes }> = [];
  const params =
    spec?.paramKind && (await typeOfKind(spec.paramKind.apiVersion, spec.paramKind.kind, served));
  for (const { group, version, kind } of await kindsToCheck(spec?.matchConstraints?.resourceRules, served)) {
    const found = await typeOfKind(group === "" ? version : `${group}/${version}`, kind, served);
    if (found === undefined) continue;
    const objects = [...found.objects, ...(params?.objects ?? [])];
    const known = { object: found.type, params: params?.type, objects, resolver: modelResolver };
    contexts.push({ name: `${group}/${version}, Kind=${kind}`, known });
  }
  const warnings: V1ExpressionWarning[] = [];
  const check = (fieldRef: string, expression: string): void => {
    const texts = contexts.flatMap(({ name, known }) => {
      const problem = problemOf(expression, policy, known);
      return problem === undefined ? [] : [`${name}: ${problem}\n`];
    });
    if (texts.length > 0) warnings.push({ fieldRef, warning: texts.join("\n") });
  };
  for (const [index, { expression, messageExpression }] of (spec?.validations ?? []).entries()) {
    check(`spec.validations[${index}].expression`, expression);
    if (messageExpression) check(`spec.validations[${index}].messageExpression`, messageExpression);
  }
  return warnings;
}

function problemOf(
  expression: string,
  { spec }: V1ValidatingAdmissionPolicy,
  known: KnownTypes,
): string | undefined {
  const options = { hasParams: spec?.paramKind !== undefined, hasAuthorizer: true, known };
  const variables = new Map<string, CelType>();
  for (const variable of spec?.variables ?? []) {
    const compiled = compile(variable.expression, admissionEnvironment({ ...options, variables }));
    variables.set(variable.name, "program" in compiled ? compiled.program.outputType : dynType);
  }
  const compiled = compile(expression, admissionEnvironment({ ...options, variables }));
  return "problem" in compiled ? compiled.problem : undefined;
}

async function typeOfKind(apiVersion = "", kind = "", served: ServedKinds): Promise<NamedType | undefined> {
  const [group = ""] = apiVersion.includes("/") ? apiVersion.split("/") : [""];
  const model = isOwnGroup(group) ? kindModel(apiVersion, kind) : undefined;
  if (model !== undefined) return { type: objectType(model), objects: [] };
  const schema = await served.schemaOf(apiVersion, kind);
  // What a type is made from is in every schema of OpenAPI.
  const declared = schema && schemaType(schema as TypeSchema, kind, true);
  if (declared === undefined) return undefined;
  const metadata: DeclField = { name: "metadata", type: { type: objectType("V1ObjectMeta") } };
  const typed = {
    ...declared,
    fields: new Map([...(declared.fields ?? []), ["metadata", metadata] as const]),
  };
  return { type: typed.type, objects: [typed] };
}

/** Whether a group may be one of Kubernetes' own. */
function isOwnGroup(group: string): boolean {
  return !group.includes(".") || group.endsWith(".k8s.io");
}

/** The kinds that rules name, without wildcards and subresources. */
async function kindsToCheck(
  rules: readonly V1NamedRuleWithOperations[] | undefined,
  served: ServedKinds,
): Promise<readonly CheckedKind[]> {
  const found = new Map<string, CheckedKind>();
  for (const resource of (rules ?? []).flatMap(namedResources)) {
    if (found.size === maxTypes) break;
    const kind = await served.kindOf(resource);
    const { group, version } = resource;
    if (kind !== undefined) found.set(`${group}/${version}/${kind}`, { group, version, kind });
  }
  return Array.from(found)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, kind]) => kind);
}

function namedResources(rule: V1NamedRuleWithOperations): GroupVersionResource[] {
  const { apiGroups = [], apiVersions = [], resources = [] } = rule;
  if ([...apiGroups, ...apiVersions].some((name) => name.includes("*"))) return [];
  const plain = resources.filter((name) => !/[*/]/.test(name)).sort();
  return apiGroups
    .toSorted()
    .flatMap((group) =>
      apiVersions.toSorted().flatMap((version) => plain.map((resource) => ({ group, version, resource }))),
    );
}
