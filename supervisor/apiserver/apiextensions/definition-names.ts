/** Which names a definition gets (apiextensions-apiserver `pkg/controller/status/naming_controller.go`). */
import type {
  V1CustomResourceDefinitionCondition,
  V1CustomResourceDefinitionNames,
} from "../../api/generated/types.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../apimachinery/mutable.ts";
import { isConditionTrue } from "../../registry/apiextensions/definition-conditions.ts";
import type { Definition } from "./custom-version.ts";

type Names = V1CustomResourceDefinitionNames;
type Condition = Omit<V1CustomResourceDefinitionCondition, "lastTransitionTime">;

export interface NameDecision {
  readonly acceptedNames: Mutable<Names>;
  readonly namesAccepted: Condition;
  readonly established: Condition;
}

/** `others` are the other definitions of the same group. */
export function decideNames(definition: Definition, others: readonly Definition[]): NameDecision {
  const requested = definition.spec.names;
  // The copy is open to change.
  const accepted = structuredClone({
    plural: "",
    kind: "",
    ...definition.status?.acceptedNames,
  }) as Mutable<Names>;
  const taken = others.map(({ status }) => status?.acceptedNames);
  const resources = new Set(
    taken.flatMap((names) => [names?.plural, names?.singular, ...(names?.shortNames ?? [])]),
  );
  const kinds = new Set(taken.flatMap((names) => [names?.kind, names?.listKind]));
  let conflict: { readonly reason: string; readonly message: string } | undefined;
  const take = (
    field: "plural" | "singular" | "kind" | "listKind",
    used: ReadonlySet<string | undefined>,
  ): void => {
    const name = requested[field] ?? "";
    if (name === (accepted[field] ?? "")) return;
    if (used.has(name)) {
      const reason = `${field.charAt(0).toUpperCase()}${field.slice(1)}Conflict`;
      conflict = { reason, message: `${JSON.stringify(name)} is already in use` };
    } else accepted[field] = name;
  };
  take("plural", resources);
  take("singular", resources);
  const shortConflict = takeShortNames(requested, accepted, resources);
  conflict = shortConflict ?? conflict;
  take("kind", kinds);
  take("listKind", kinds);
  if (requested.categories === undefined) delete accepted.categories;
  else accepted.categories = [...requested.categories];
  return { acceptedNames: accepted, ...conditions(definition, conflict) };
}

function takeShortNames(
  requested: Names,
  accepted: Mutable<Names>,
  used: ReadonlySet<string | undefined>,
): { readonly reason: string; readonly message: string } | undefined {
  const wanted = requested.shortNames ?? [];
  const own = accepted.shortNames ?? [];
  if (equalJson(wanted, own)) return undefined;
  const clashes = wanted.filter((name) => !own.includes(name) && used.has(name));
  if (clashes.length === 0) {
    accepted.shortNames = [...wanted];
    return undefined;
  }
  const texts = clashes.map((name) => `${JSON.stringify(name)} is already in use`);
  const message = texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
  return { reason: "ShortNamesConflict", message };
}

function conditions(
  definition: Definition,
  conflict: { readonly reason: string; readonly message: string } | undefined,
): Pick<NameDecision, "namesAccepted" | "established"> {
  const wasEstablished = isConditionTrue(definition, "Established");
  const namesAccepted: Condition =
    conflict === undefined
      ? { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" }
      : { type: "NamesAccepted", status: "False", ...conflict };
  // Who was established once stays so.
  const established: Condition =
    conflict === undefined || wasEstablished
      ? {
          type: "Established",
          status: "True",
          reason: "InitialNamesAccepted",
          message: "the initial names have been accepted",
        }
      : {
          type: "Established",
          status: "False",
          reason: "NotAccepted",
          message: "not all names are accepted",
        };
  return { namesAccepted, established };
}
