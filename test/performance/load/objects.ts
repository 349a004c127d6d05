/** The objects that the load client writes: a ConfigMap of about 1 KB and a Pod as a team would deploy it, 2.8 KB. */

const digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const filler = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(30);

export const paddedNumber = (index: number): string => String(index).padStart(6, "0");

export function configMap(namespace: string, name: string): Buffer {
  return json({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace, labels: { app: "bench", tier: `t${name.length % 7}` } },
    data: { "config.json": filler.slice(0, 760), mode: "production", "log.level": "info" },
  });
}

export function pod(namespace: string, name: string, index: number, nodeName?: string): Buffer {
  return json({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: podLabels(index), annotations: podAnnotations },
    spec: {
      ...(nodeName === undefined ? {} : { nodeName }),
      serviceAccountName: "default",
      terminationGracePeriodSeconds: 30,
      restartPolicy: "Always",
      dnsPolicy: "ClusterFirst",
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 10001,
        fsGroup: 10001,
        seccompProfile: { type: "RuntimeDefault" },
      },
      affinity,
      tolerations: ["not-ready", "unreachable"].map((condition) => ({
        key: `node.kubernetes.io/${condition}`,
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 300,
      })),
      initContainers: [initContainer],
      containers: [webContainer, proxyContainer],
      volumes: [
        {
          name: "config",
          configMap: { name: "web-config", items: [{ key: "config.json", path: "config.json" }] },
        },
        { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      ],
    },
  });
}

/** What a kubelet reports when a Pod has come up; the address makes each patch another one. */
export function statusPatch(index: number): Buffer {
  const lastTransitionTime = `${new Date().toISOString().slice(0, 19)}Z`;
  const condition = (type: string) => ({ type, status: "True", lastTransitionTime });
  return json({
    status: {
      phase: "Running",
      hostIP: "127.0.0.1",
      podIP: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
      startTime: "2026-01-01T00:00:00Z",
      conditions: ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map(condition),
    },
  });
}

export function node(name: string): Buffer {
  return json({ apiVersion: "v1", kind: "Node", metadata: { name } });
}

/** What a node reports that is ready and large. */
export function nodeStatusPatch(): Buffer {
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const size = { cpu: "1000", memory: "1Ti", pods: "2000" };
  const times = { lastHeartbeatTime: now, lastTransitionTime: now };
  const conditions = [{ type: "Ready", status: "True", reason: "KubeletReady", ...times }];
  return json({ status: { capacity: size, allocatable: size, conditions } });
}

function json(object: unknown): Buffer {
  return Buffer.from(JSON.stringify(object));
}

const podLabels = (index: number) => ({
  "app.kubernetes.io/name": "web",
  "app.kubernetes.io/instance": `web-${index % 50}`,
  "app.kubernetes.io/version": "1.24.0",
  "app.kubernetes.io/component": "frontend",
  "pod-template-hash": "6c4d9f8b7d",
  shard: String(index % 100),
});

const podAnnotations = {
  "prometheus.io/scrape": "true",
  "prometheus.io/port": "9090",
  "checksum/config": digest,
};

const affinity = {
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: {
          topologyKey: "kubernetes.io/hostname",
          labelSelector: { matchLabels: { "app.kubernetes.io/name": "web" } },
        },
      },
    ],
  },
};

const initContainer = {
  name: "migrate",
  image: "registry.example.test/team/migrate:1.24.0",
  command: ["/bin/migrate", "--up"],
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } },
  envFrom: [{ configMapRef: { name: "web-config" } }],
};

const webContainer = {
  name: "web",
  image: `registry.example.test/team/web@sha256:${digest}`,
  imagePullPolicy: "IfNotPresent",
  args: ["--listen=:8080", "--metrics=:9090"],
  ports: [
    { name: "http", containerPort: 8080, protocol: "TCP" },
    { name: "metrics", containerPort: 9090, protocol: "TCP" },
  ],
  env: [
    { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    { name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "web-db", key: "password" } } },
    { name: "LOG_LEVEL", value: "info" },
    { name: "FEATURES", value: "search,checkout,recommendations" },
  ],
  resources: { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "1", memory: "512Mi" } },
  readinessProbe: { httpGet: { path: "/readyz", port: "http" }, periodSeconds: 5, failureThreshold: 3 },
  livenessProbe: { httpGet: { path: "/livez", port: "http" }, initialDelaySeconds: 10, periodSeconds: 10 },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
  volumeMounts: [
    { name: "config", mountPath: "/etc/web" },
    { name: "tmp", mountPath: "/tmp" },
  ],
};

const proxyContainer = {
  name: "proxy",
  image: "registry.example.test/mesh/proxy:2.14.1",
  ports: [{ name: "admin", containerPort: 4191 }],
  resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "64Mi" } },
  readinessProbe: { tcpSocket: { port: "admin" }, periodSeconds: 10 },
  volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
};
