/** Which claim each PersistentVolume belongs to, and which Secrets it takes to mount it. */

import type { V1PersistentVolume } from "../../../api/generated/types.ts";
import type { Logger } from "../../../base/logging.ts";
import { storagePrefixOf } from "../../../registry/storage-prefix.ts";
import type { Backend } from "../../../storage/backend.ts";
import { ObjectCache } from "../../storage/object-cache.ts";

interface Volume {
  /** `namespace/name` of its claim. */
  readonly claim: string;
  readonly secrets: readonly string[];
}

export class VolumeSecrets {
  readonly #cache: ObjectCache<Volume>;
  /** The volumes that name a Secret, by the Secret and their own name. */
  readonly #bySecret = new Map<string, Map<string, Volume>>();

  constructor(backend: Backend, logger: Logger) {
    const known = new Map<string, Volume>();
    // Only PersistentVolumes are stored under this prefix.
    const keep = (object: object) => volumeOf(object as V1PersistentVolume);
    this.#cache = new ObjectCache({
      backend,
      logger,
      prefix: storagePrefixOf("", "persistentvolumes"),
      keep,
    });
    this.#cache.onChange((name, volume) => {
      for (const secret of known.get(name)?.secrets ?? []) this.#forget(secret, name);
      if (volume === undefined) known.delete(name);
      else known.set(name, volume);
      for (const secret of volume?.secrets ?? []) {
        const volumes = this.#bySecret.get(secret) ?? new Map<string, Volume>();
        this.#bySecret.set(secret, volumes.set(name, volume ?? { claim: "", secrets: [] }));
      }
    });
  }

  start(): Promise<void> {
    return this.#cache.start();
  }

  stop(): void {
    this.#cache.stop();
  }

  /** `namespace/name` of a volume's claim; undefined where it has none. */
  claim(volume: string): string | undefined {
    return this.#cache.get(volume)?.claim;
  }

  /** The claims whose volumes take a Secret, given as `namespace/name`. */
  claimsOfSecret(secret: string): readonly string[] {
    return Array.from(this.#bySecret.get(secret)?.values() ?? [], ({ claim }) => claim);
  }

  #forget(secret: string, name: string): void {
    const volumes = this.#bySecret.get(secret);
    volumes?.delete(name);
    if (volumes?.size === 0) this.#bySecret.delete(secret);
  }
}

function volumeOf({ spec }: V1PersistentVolume): Volume | undefined {
  const { namespace, name } = spec?.claimRef ?? {};
  if (!namespace || !name) return undefined;
  const references = [
    spec?.csi?.controllerExpandSecretRef,
    spec?.csi?.controllerPublishSecretRef,
    spec?.csi?.nodeExpandSecretRef,
    spec?.csi?.nodePublishSecretRef,
    spec?.csi?.nodeStageSecretRef,
    spec?.cephfs?.secretRef,
    spec?.cinder?.secretRef,
    spec?.flexVolume?.secretRef,
    spec?.iscsi?.secretRef,
    spec?.rbd?.secretRef,
    spec?.scaleIO?.secretRef,
    spec?.storageos?.secretRef,
    { namespace: spec?.azureFile?.secretNamespace, name: spec?.azureFile?.secretName },
  ];
  // A reference without a namespace is to a Secret of the claim's.
  const secrets = references.flatMap((reference) =>
    reference?.name ? [`${reference.namespace || namespace}/${reference.name}`] : [],
  );
  return { claim: `${namespace}/${name}`, secrets };
}
