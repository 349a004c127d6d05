/** The dependents of an object that is deleted with this finalizer are set free. */
export const orphanFinalizer = "orphan";
/** The dependents of an object that is deleted with this finalizer go before it. */
export const foregroundFinalizer = "foregroundDeletion";

export function hasFinalizer(
  { finalizers }: { readonly finalizers?: readonly string[] },
  finalizer: string,
): boolean {
  return finalizers?.includes(finalizer) ?? false;
}
