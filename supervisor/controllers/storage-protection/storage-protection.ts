/** What keeps volumes, claims and classes while they are used (kubernetes `pkg/controller/volume/*protection`). */
import type {
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1VolumeAttributesClass,
} from "../../api/generated/types.ts";
import { resources } from "../../client/resources.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { ProtectionController, protectionUser } from "./protection-controller.ts";

const claims = { group: "", version: "v1", resource: "persistentvolumeclaims" };
const volumes = { group: "", version: "v1", resource: "persistentvolumes" };
const classes = { group: "storage.k8s.io", version: "v1", resource: "volumeattributesclasses" };

/** A claim stays while a Pod that has a node names it. */
export function claimProtection(environment: ControllerEnvironment): Controller {
  const { client, informers } = environment;
  const pods = informers.informer<V1Pod>(resources.pods);
  const claimKeys = (pod: V1Pod): readonly string[] =>
    claimNames(pod).map((name) => `${pod.metadata?.namespace}/${name}`);
  return new ProtectionController<V1PersistentVolumeClaim>(
    "persistentvolumeclaim-protection-controller",
    environment,
    {
      resource: claims,
      finalizer: "kubernetes.io/pvc-protection",
      users: [protectionUser(pods, claimKeys)],
      async isUsed({ metadata }) {
        const { items } = await client.resource<V1Pod>(resources.pods, metadata?.namespace).list();
        return items.some((pod) => pod.spec?.nodeName && claimNames(pod).includes(metadata?.name ?? ""));
      },
    },
  );
}

/** Of the claims that a Pod names, and those that are made for its ephemeral volumes while it lives. */
function claimNames({ metadata, spec, status }: V1Pod): readonly string[] {
  const isOver = status?.phase === "Succeeded" || status?.phase === "Failed";
  return (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
    return ephemeral && !isOver ? [`${metadata?.name}-${name}`] : [];
  });
}

/** A volume stays while it is bound to a claim. */
export function volumeProtection(environment: ControllerEnvironment): Controller {
  return new ProtectionController<V1PersistentVolume>("persistentvolume-protection-controller", environment, {
    resource: volumes,
    finalizer: "kubernetes.io/pv-protection",
    users: [],
    isUsed: ({ status }) => status?.phase === "Bound",
  });
}

/** A VolumeAttributesClass stays while a claim or a volume names it. */
export function attributesClassProtection(environment: ControllerEnvironment): Controller {
  const { client, informers } = environment;
  const ofClaim = ({ spec, status }: V1PersistentVolumeClaim): readonly string[] =>
    [
      spec?.volumeAttributesClassName,
      status?.currentVolumeAttributesClassName,
      status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
    ].flatMap((name) => (name ? [name] : []));
  const ofVolume = ({ spec }: V1PersistentVolume): readonly string[] =>
    spec?.volumeAttributesClassName ? [spec.volumeAttributesClassName] : [];
  return new ProtectionController<V1VolumeAttributesClass>(
    "volumeattributesclass-protection-controller",
    environment,
    {
      resource: classes,
      finalizer: "kubernetes.io/vac-protection",
      users: [
        protectionUser(informers.informer<V1PersistentVolumeClaim>(claims), ofClaim),
        protectionUser(informers.informer<V1PersistentVolume>(volumes), ofVolume),
      ],
      async isUsed({ metadata }) {
        const name = metadata?.name ?? "";
        const allClaims = await client.resource<V1PersistentVolumeClaim>(claims).list();
        if (allClaims.items.some((claim) => ofClaim(claim).includes(name))) return true;
        const allVolumes = await client.resource<V1PersistentVolume>(volumes).list();
        return allVolumes.items.some((volume) => ofVolume(volume).includes(name));
      },
    },
  );
}
