/** Adopting orphans that an owner selects, releasing what it selects no more (kubernetes `controller_ref_manager.go`). */
import type { V1OwnerReference } from "../../api/generated/types.ts";
import { ApiError, isNotFound } from "../../apimachinery/errors.ts";
import type { KubernetesObject, ResourceClient } from "../../client/types.ts";
import { controllerOf, controllerReference } from "./controller-reference.ts";

interface ClaimOptions<T extends KubernetesObject> {
  readonly owner: KubernetesObject;
  readonly ownerKind: { readonly apiVersion: string; readonly kind: string };
  /** What is claimed, in events and errors: `Pod`. */
  readonly kind: string;
  readonly matches: (object: T) => boolean;
  /** Reads the owner from the API server itself: the informer may not know yet that it is being deleted. */
  readonly readOwner: () => Promise<KubernetesObject>;
  /** The claimed resource, in the owner's namespace. */
  readonly client: Pick<ResourceClient<T>, "patch">;
}

/**
 * Those of the candidates that the owner controls, after it has adopted and released what it has to. An owner that is
 * being deleted does neither. Throws the first failure after all have been tried.
 */
export async function claimObjects<T extends KubernetesObject>(
  candidates: readonly T[],
  options: ClaimOptions<T>,
): Promise<readonly T[]> {
  const { owner, matches } = options;
  const isEnding = owner.metadata?.deletionTimestamp !== undefined;
  const claimed: T[] = [];
  const failures: unknown[] = [];
  let mayAdopt: Promise<void> | undefined;
  for (const object of candidates) {
    const controller = controllerOf(object);
    if (controller !== undefined && controller.uid !== owner.metadata?.uid) continue;
    const isWanted = matches(object);
    if (controller !== undefined && isWanted) claimed.push(object);
    // Nothing to do for what is neither to be adopted nor to be released.
    if ((controller !== undefined) === isWanted || isEnding) continue;
    try {
      if (controller !== undefined) await release(object, options);
      else if (object.metadata?.deletionTimestamp === undefined) {
        mayAdopt ??= checkOwner(options);
        await adopt(object, mayAdopt, options);
        claimed.push(object);
      }
    } catch (error) {
      if (!isNotFound(error)) failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return claimed;
}

async function checkOwner<T extends KubernetesObject>(options: ClaimOptions<T>): Promise<void> {
  const { owner, ownerKind, readOwner } = options;
  const { namespace, name, uid } = owner.metadata ?? {};
  const fresh = (await readOwner()).metadata;
  if (fresh?.uid !== uid) {
    const found = `got uid ${fresh?.uid}, wanted ${uid}`;
    throw new Error(`original ${ownerKind.kind} ${namespace}/${name} is gone: ${found}`);
  }
  if (fresh?.deletionTimestamp !== undefined) {
    throw new Error(`${namespace}/${name} has just been deleted at ${fresh.deletionTimestamp}`);
  }
}

async function adopt<T extends KubernetesObject>(
  object: T,
  mayAdopt: Promise<void>,
  { owner, ownerKind, kind, client }: ClaimOptions<T>,
): Promise<void> {
  const { namespace, name = "", uid } = object.metadata ?? {};
  try {
    await mayAdopt;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`can't adopt ${kind} ${namespace}/${name} (${uid}): ${why}`, { cause: error });
  }
  await patchOwners(client, name, uid, controllerReference(owner, ownerKind));
}

async function release<T extends KubernetesObject>(
  object: T,
  { owner, client }: ClaimOptions<T>,
): Promise<void> {
  const { name = "", uid } = object.metadata ?? {};
  try {
    await patchOwners(client, name, uid, { $patch: "delete", uid: owner.metadata?.uid ?? "" });
  } catch (error) {
    // Nobody's any more, or another one of the same name.
    if (!(error instanceof ApiError && error.reason === "Invalid")) throw error;
  }
}

async function patchOwners(
  client: Pick<ResourceClient<KubernetesObject>, "patch">,
  name: string,
  uid: string | undefined,
  reference: V1OwnerReference | { readonly $patch: "delete"; readonly uid: string },
): Promise<void> {
  const patch = { metadata: { ownerReferences: [reference], uid } };
  await client.patch(name, patch, "application/strategic-merge-patch+json");
}
