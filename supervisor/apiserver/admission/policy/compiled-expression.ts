import { compile, type Program } from "../../../apimachinery/cel/compile.ts";
import type { Environment } from "../../../apimachinery/cel/environment.ts";
import { type CelType, declaredTypeText, equalTypes } from "../../../apimachinery/cel/types.ts";

/** An expression that is ready, or why it is none. */
export type CompiledExpression = {
  readonly expression: string;
} & (
  | { readonly program: Program; readonly problem?: undefined }
  | { readonly problem: string; readonly program?: undefined }
);

/** Compiles an expression that must come to one of `types`, or to anything where there are none. */
export function compileExpression(
  expression: string,
  environment: Environment,
  types: readonly CelType[],
): CompiledExpression {
  const compiled = compile(expression, environment);
  if ("problem" in compiled) return { expression, problem: `compilation failed: ${compiled.problem}` };
  const { program } = compiled;
  const { outputType } = program;
  if (types.length === 0 || types.some((type) => equalTypes(type, outputType)))
    return { expression, program };
  const [only] = types;
  const wanted =
    types.length === 1 && only !== undefined
      ? declaredTypeText(only)
      : `one of [${types.map(declaredTypeText).join(" ")}]`;
  return { expression, problem: `must evaluate to ${wanted} but got ${declaredTypeText(outputType)}` };
}
