import { checkQualifiedName } from "../../apimachinery/validation/formats.ts";

const standard: ReadonlySet<string> = new Set(["orphan", "foregroundDeletion", "kubernetes"]);

/** What is unwise about the names of finalizers. */
export function finalizerWarnings(finalizers: readonly string[]): readonly string[] {
  return finalizers.flatMap((finalizer) => {
    const subject = `metadata.finalizers: ${JSON.stringify(finalizer)}`;
    const warnings = checkQualifiedName(finalizer).map((why) => `${subject}: ${why}`);
    if (finalizer.includes("/") || standard.has(finalizer)) return warnings;
    const path = finalizer.includes(".") ? " including a path (/)" : "";
    const advice = `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
    return [...warnings, `${subject}: ${advice}`];
  });
}
