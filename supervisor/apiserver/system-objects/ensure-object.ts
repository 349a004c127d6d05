import { isAlreadyExists } from "../../apimachinery/errors.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { timestamp } from "../../base/timestamp.ts";
import type { StrategyContext } from "../../registry/resource-definition.ts";
import type { Services } from "../services.ts";
import type { ObjectStore } from "../storage/object-store.ts";

/** An object as a manifest says it; kind and version are those of its store. */
export type Manifest = Pick<ApiObject, "metadata"> & Readonly<Record<string, unknown>>;

/** The server itself, as the user of what it makes at its start. */
const server = { name: "system:apiserver", groups: ["system:masters"] };

/** Creates an object that every cluster has, where it is missing. */
export async function ensureObject(
  store: ObjectStore,
  services: Services,
  { status, ...manifest }: Manifest,
): Promise<void> {
  const { definition } = store;
  const { namespace = "", name = "" } = manifest.metadata;
  if ((await store.backend.get(store.key(namespace, name))) !== undefined) return;
  const now = timestamp(services.clock.now());
  const metadata = { ...manifest.metadata, uid: services.uid(), creationTimestamp: now };
  const apiVersion =
    definition.group === "" ? definition.version : `${definition.group}/${definition.version}`;
  const object: ApiObject = { ...manifest, kind: definition.kind, apiVersion, metadata };
  const context: StrategyContext = { user: server, now };
  definition.strategy.setDefaults?.(object);
  const finish = await store.hooks?.beginCreate(object, false);
  let isWritten = false;
  try {
    definition.strategy.prepareForCreate?.(object, context);
    if (status !== undefined) object.status = status;
    await store.create(namespace, object, false);
    isWritten = true;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  } finally {
    await finish?.(isWritten);
  }
}
