/** Makes replica sets of MongoDBs: brings what is there to what is wanted, whenever either changes. */
import { randomBytes } from "node:crypto";
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  type Informer,
  type KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  type ObjectCache,
  PatchStrategy,
  setHeaderOptions,
  type V1StatefulSet,
} from "@kubernetes/client-node";
import { connectionSecret, labelsOf, ownedObjects, selectorOf, statefulSetName } from "./owned-objects.ts";
import { isSame, statusOf } from "./status.ts";
import {
  finalizer,
  group,
  type MongoDB,
  type MongoDBList,
  type MongoDBStatus,
  plural,
  version,
} from "./types.ts";
import { WorkQueue } from "./work-queue.ts";

const fieldManager = "mongodb-operator";
const restartDelayMs = 1000;
const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

type Watched<T extends MongoDB | V1StatefulSet> = Informer<T> & ObjectCache<T>;

export class Operator {
  readonly #config: KubeConfig;
  readonly #custom: CustomObjectsApi;
  readonly #core: CoreV1Api;
  readonly #objects: KubernetesObjectApi;
  readonly #databases: Watched<MongoDB>;
  readonly #statefulSets: Watched<V1StatefulSet>;
  readonly #queue: WorkQueue;
  readonly #log: (text: string) => void;
  #isStopped = false;

  constructor(config: KubeConfig, log: (text: string) => void) {
    this.#config = config;
    this.#log = log;
    this.#custom = config.makeApiClient(CustomObjectsApi);
    this.#core = config.makeApiClient(CoreV1Api);
    this.#objects = KubernetesObjectApi.makeApiClient(config);
    this.#queue = new WorkQueue(
      (key) => this.#reconcile(key),
      (key, error) => log(`${key} has to be tried again: ${textOf(error)}`),
    );
    // The list of a custom resource comes without a type.
    const listDatabases = (): Promise<MongoDBList> =>
      this.#custom.listCustomObjectForAllNamespaces({ group, version, resourcePlural: plural });
    this.#databases = makeInformer(config, `/apis/${group}/${version}/${plural}`, listDatabases);
    const apps = config.makeApiClient(AppsV1Api);
    this.#statefulSets = makeInformer(config, "/apis/apps/v1/statefulsets", () =>
      apps.listStatefulSetForAllNamespaces(),
    );
  }

  /** Resolves when both lists were read once; goes on until {@link stop}. */
  async start(): Promise<void> {
    for (const event of ["add", "update", "delete"] as const) {
      this.#databases.on(event, (database) => this.#queue.add(keyOf(database.metadata)));
      this.#statefulSets.on(event, ({ metadata }) => {
        const owner = metadata?.ownerReferences?.find(
          ({ kind, controller }) => kind === "MongoDB" && controller,
        );
        if (owner !== undefined) this.#queue.add(keyOf({ ...metadata, name: owner.name }));
      });
    }
    // What is owned first: what it tells of its owners' state is then known when they come.
    await this.#follow("StatefulSets", this.#statefulSets);
    await this.#follow("MongoDBs", this.#databases);
    this.#log(`following ${this.#config.getCurrentCluster()?.server ?? "the cluster"}`);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#queue.stop();
    await Promise.all([this.#databases.stop(), this.#statefulSets.stop()]);
  }

  /** Starts an informer, again as often as the server goes away. */
  async #follow<T extends MongoDB | V1StatefulSet>(what: string, informer: Watched<T>): Promise<void> {
    informer.on("error", (error: unknown) => {
      if (this.#isStopped) return;
      this.#log(`${what} are not followed: ${textOf(error)}`);
      setTimeout(() => void this.#restart(what, informer), restartDelayMs);
    });
    await this.#restart(what, informer);
  }

  async #restart<T extends MongoDB | V1StatefulSet>(what: string, informer: Watched<T>): Promise<void> {
    while (!this.#isStopped) {
      try {
        await informer.start();
        return;
      } catch (error) {
        this.#log(`${what} cannot be listed: ${textOf(error)}`);
        await new Promise((resolve) => setTimeout(resolve, restartDelayMs));
      }
    }
  }

  async #reconcile(key: string): Promise<void> {
    const [namespace = "", name = ""] = key.split("/");
    const database = this.#databases.get(name, namespace);
    if (database === undefined) return;
    if (database.metadata.deletionTimestamp !== undefined) return this.#finalize(database);
    if (!(database.metadata.finalizers ?? []).includes(finalizer)) {
      await this.#setFinalizers(database, [...(database.metadata.finalizers ?? []), finalizer]);
      // The change comes back as an event.
      return;
    }
    await this.#ensureSecret(database);
    for (const object of ownedObjects(database)) await this.#apply(object);
    await this.#report(database);
  }

  /** Server-side apply: only what the operator says is its own, what others add stays. */
  async #apply(object: ReturnType<typeof ownedObjects>[number]): Promise<void> {
    await this.#objects.patch(
      object,
      undefined,
      undefined,
      fieldManager,
      true,
      PatchStrategy.ServerSideApply,
    );
  }

  async #ensureSecret(database: MongoDB): Promise<void> {
    const { namespace } = database.metadata;
    const body = connectionSecret(database, randomBytes(18).toString("base64url"));
    try {
      await this.#core.readNamespacedSecret({ namespace, name: body.metadata?.name ?? "" });
    } catch (error) {
      if (!isCode(error, 404)) throw error;
      await this.#core.createNamespacedSecret({ namespace, body, fieldManager });
      this.#log(`${keyOf(database.metadata)} has its password`);
    }
  }

  /** Writes the status where it is not right already. */
  async #report(database: MongoDB): Promise<void> {
    const { namespace } = database.metadata;
    const statefulSet = this.#statefulSets.get(statefulSetName(database), namespace);
    const status = statusOf(database, statefulSet, new Date().toISOString().replace(/\.\d+Z$/, "Z"));
    if (isSame(status, database.status)) return;
    await this.#patchStatus(database, status);
    this.#log(`${keyOf(database.metadata)}: ${status.conditions?.[0]?.message}`);
  }

  async #patchStatus({ metadata }: MongoDB, status: MongoDBStatus): Promise<void> {
    const { name, namespace } = metadata;
    const body = { status };
    await this.#custom.patchNamespacedCustomObjectStatus(
      { group, version, namespace, plural, name, body },
      mergePatch,
    );
  }

  /** Deletes what owner references do not reach: the disks of a StatefulSet stay by themselves. */
  async #finalize(database: MongoDB): Promise<void> {
    const { namespace, finalizers = [] } = database.metadata;
    if (!finalizers.includes(finalizer)) return;
    // The change comes back as an event.
    if (database.status?.phase !== "Terminating") return this.#report(database);
    await this.#core.deleteCollectionNamespacedPersistentVolumeClaim({
      namespace,
      labelSelector: selectorOf(database),
    });
    const rest = finalizers.filter((other) => other !== finalizer);
    await this.#setFinalizers(database, rest);
    this.#log(
      `${keyOf(database.metadata)} is gone, and the disks of ${Object.values(labelsOf(database)).join(" ")}`,
    );
  }

  async #setFinalizers({ metadata }: MongoDB, finalizers: readonly string[]): Promise<void> {
    const { name, namespace, resourceVersion } = metadata;
    // With the resource version: somebody else's finalizer is not lost.
    const body = { metadata: { finalizers, resourceVersion } };
    await this.#custom.patchNamespacedCustomObject(
      { group, version, namespace, plural, name, body },
      mergePatch,
    );
  }
}

function keyOf({ name, namespace }: { readonly name?: string; readonly namespace?: string }): string {
  return `${namespace}/${name}`;
}

function isCode(error: unknown, code: number): boolean {
  return error instanceof ApiException && error.code === code;
}

function textOf(error: unknown): string {
  if (error instanceof ApiException) return `${error.code} ${String(error.body)}`;
  return error instanceof Error ? error.message : String(error);
}
