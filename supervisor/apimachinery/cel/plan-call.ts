import { CelError } from "./cel-error.ts";
import type { FunctionDeclaration, Overload } from "./declarations.ts";
import type { Evaluate, Frame } from "./frame.ts";
import { type CelType, declaredTypeText } from "./types.ts";
import { type CelValue, typeNameOf } from "./values.ts";

/** A call of a function, whose overload is found by the arguments at each evaluation. */
export function planCall(
  declaration: FunctionDeclaration,
  member: boolean,
  args: readonly Evaluate[],
): Evaluate {
  const candidates = declaration.overloads.filter(
    (overload) => overload.member === member && overload.params.length === args.length,
  );
  const [only] = candidates;
  if (declaration.direct && only !== undefined) return (frame) => invoke(only, values(args, frame), frame);
  const choices = candidates.map((overload) => ({ overload, accepts: overload.params.map(typeTest) }));
  return (frame) => {
    const given = values(args, frame);
    for (const { overload, accepts } of choices) {
      if (accepts.every((test, index) => test(given[index] ?? null))) return invoke(overload, given, frame);
    }
    const types = given.map(typeNameOf).join(", ");
    throw new CelError(`no such overload: ${declaration.name}(${types})`);
  };
}

function values(args: readonly Evaluate[], frame: Frame): CelValue[] {
  const result: CelValue[] = [];
  for (const arg of args) result.push(arg(frame));
  return result;
}

function invoke({ implementation, cost }: Overload, args: readonly CelValue[], frame: Frame): CelValue {
  const result = implementation(args, frame);
  frame.charge(cost(args, result));
  return result;
}

/** Whether a value is of a type, as far as its outside tells. */
function typeTest(type: CelType): (value: CelValue) => boolean {
  if (type.kind === "dyn" || type.kind === "param") return () => true;
  const name = declaredTypeText(type).replace(/\(.*$/, "");
  return (value) => typeNameOf(value) === name;
}
