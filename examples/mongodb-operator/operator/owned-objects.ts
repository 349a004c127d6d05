/** The objects that make a replica set, as they should be. All of them belong to their MongoDB and go with it. */
import type {
  KubernetesObject,
  V1ConfigMap,
  V1ObjectMeta,
  V1Secret,
  V1Service,
  V1StatefulSet,
} from "@kubernetes/client-node";
import { apiVersion, type MongoDB } from "./types.ts";

const port = 27017;

type Named<T> = T & { metadata: V1ObjectMeta & { name: string; namespace: string } };

export function labelsOf({ metadata }: MongoDB): Record<string, string> {
  return { "app.kubernetes.io/name": "mongodb", "app.kubernetes.io/instance": metadata.name };
}

/** The labels as a text. */
export function selectorOf(database: MongoDB): string {
  return Object.entries(labelsOf(database))
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

export function secretName({ metadata }: MongoDB): string {
  return `${metadata.name}-connection`;
}

export function statefulSetName({ metadata }: MongoDB): string {
  return metadata.name;
}

function metadataOf(database: MongoDB, name: string): Named<unknown>["metadata"] {
  const { namespace, uid } = database.metadata;
  const owner = { apiVersion, kind: "MongoDB", name: database.metadata.name, uid };
  return {
    name,
    namespace,
    labels: labelsOf(database),
    ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
  };
}

/** Made once: a password does not change because the operator was restarted. */
export function connectionSecret(database: MongoDB, password: string): V1Secret {
  const { name, namespace } = database.metadata;
  const hosts = Array.from(
    { length: database.spec.replicas },
    (_, index) => `${name}-${index}.${name}.${namespace}.svc`,
  );
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadataOf(database, secretName(database)),
    type: "Opaque",
    stringData: {
      username: "root",
      password,
      uri: `mongodb://root:${password}@${hosts.join(",")}/?replicaSet=${name}`,
    },
  };
}

function configMap(database: MongoDB): Named<V1ConfigMap> {
  const settings = Object.entries(database.spec.config ?? {}).map(([name, value]) => `  ${name}: ${value}\n`);
  const replication = `replication:\n  replSetName: ${database.metadata.name}\n${settings.sort().join("")}`;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadataOf(database, `${database.metadata.name}-config`),
    data: { "mongod.conf": `net:\n  bindIpAll: true\n  port: ${port}\n${replication}` },
  };
}

function service(database: MongoDB): Named<V1Service> {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadataOf(database, database.metadata.name),
    spec: {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: labelsOf(database),
      ports: [{ name: "mongodb", port, targetPort: "mongodb" }],
    },
  };
}

function statefulSet(database: MongoDB): Named<V1StatefulSet> {
  const { replicas, version, storage } = database.spec;
  const labels = labelsOf(database);
  const secret = (key: string) => ({ secretKeyRef: { name: secretName(database), key } });
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: metadataOf(database, statefulSetName(database)),
    spec: {
      replicas,
      serviceName: database.metadata.name,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: "mongod",
              image: `docker.io/library/mongo:${version}`,
              args: ["--config", "/etc/mongodb/mongod.conf"],
              env: [
                { name: "MONGO_INITDB_ROOT_USERNAME", valueFrom: secret("username") },
                { name: "MONGO_INITDB_ROOT_PASSWORD", valueFrom: secret("password") },
              ],
              ports: [{ name: "mongodb", containerPort: port, protocol: "TCP" }],
              readinessProbe: { tcpSocket: { port: "mongodb" }, periodSeconds: 5 },
              volumeMounts: [
                { name: "config", mountPath: "/etc/mongodb" },
                { name: "data", mountPath: "/data/db" },
              ],
            },
          ],
          volumes: [{ name: "config", configMap: { name: `${database.metadata.name}-config` } }],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: "data", labels },
          spec: {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: String(storage.size) } },
            ...(storage.storageClassName === undefined ? {} : { storageClassName: storage.storageClassName }),
          },
        },
      ],
    },
  };
}

/** Everything but the Secret, in the order in which it is needed. */
export function ownedObjects(database: MongoDB): ReadonlyArray<Named<KubernetesObject>> {
  return [configMap(database), service(database), statefulSet(database)];
}
