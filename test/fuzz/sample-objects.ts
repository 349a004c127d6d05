import type { JsonObject } from "../../supervisor/apimachinery/json/json-value.ts";

const container = {
  name: "main",
  image: "nginx:1.25",
  ports: [{ name: "http", containerPort: 80 }],
  env: [{ name: "A", value: "1" }],
  resources: { requests: { cpu: "100m", memory: "1Gi" } },
  livenessProbe: { httpGet: { path: "/", port: "http" } },
  volumeMounts: [{ name: "data", mountPath: "/data" }],
};
const podSpec = { containers: [container], volumes: [{ name: "data", emptyDir: {} }] };
const labels = { app: "web" };
const selector = { matchLabels: labels };
const template = { metadata: { labels }, spec: podSpec };
const tolerated = { key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 };

/** Good objects, by resource, from which strange ones are made. */
export const sampleObjects: Readonly<Record<string, JsonObject>> = {
  pods: { spec: { ...podSpec, tolerations: [tolerated], nodeSelector: { a: "b" } } },
  services: { spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: "http" }] } },
  configmaps: { data: { key: "value" }, binaryData: { bytes: "AAEC" } },
  secrets: { type: "Opaque", data: { key: "dmFsdWU=" } },
  namespaces: { spec: { finalizers: ["kubernetes"] } },
  nodes: { spec: { podCIDR: "10.42.1.0/24", taints: [{ key: "a", value: "b", effect: "NoSchedule" }] } },
  serviceaccounts: { automountServiceAccountToken: false },
  persistentvolumeclaims: {
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
  deployments: { spec: { replicas: 1, selector, template } },
  statefulsets: { spec: { serviceName: "web", selector, template } },
  daemonsets: { spec: { selector, template } },
  replicasets: { spec: { selector, template } },
  jobs: { spec: { template: { spec: { ...podSpec, restartPolicy: "Never" } } } },
  cronjobs: {
    spec: {
      schedule: "*/5 * * * *",
      jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: "Never" } } } },
    },
  },
  ingresses: {
    spec: {
      rules: [
        {
          host: "a.example.com",
          http: {
            paths: [
              {
                path: "/",
                pathType: "Prefix",
                backend: { service: { name: "web", port: { number: 80 } } },
              },
            ],
          },
        },
      ],
    },
  },
  networkpolicies: {
    spec: {
      podSelector: {},
      ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }] }],
    },
  },
  poddisruptionbudgets: { spec: { minAvailable: "50%", selector } },
  horizontalpodautoscalers: {
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      minReplicas: 1,
      maxReplicas: 3,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
        },
      ],
    },
  },
  roles: { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
  rolebindings: {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "a" },
    subjects: [{ kind: "User", name: "joe", apiGroup: "rbac.authorization.k8s.io" }],
  },
  leases: {
    spec: { holderIdentity: "me", leaseDurationSeconds: 10, renewTime: "2026-01-01T00:00:00.000001Z" },
  },
  events: { involvedObject: { kind: "Pod", name: "a", namespace: "default" }, reason: "R", message: "M" },
  customresourcedefinitions: {
    metadata: { name: "things.fuzz.example.com" },
    spec: {
      group: "fuzz.example.com",
      scope: "Namespaced",
      names: { plural: "things", kind: "Thing" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                spec: {
                  type: "object",
                  "x-kubernetes-validations": [{ rule: "!has(self.a) || self.a > 0" }],
                  properties: { a: { type: "integer", default: 1 } },
                },
              },
            },
          },
        },
      ],
    },
  },
  validatingadmissionpolicies: {
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
        ],
      },
      validations: [{ expression: "object.metadata.name != 'x'", messageExpression: "'no ' + object.kind" }],
    },
  },
  widgets: { spec: { size: 1, items: [{ name: "a", weight: 2 }], any: { deep: [1, "x", null] } } },
  subjectaccessreviews: { spec: { user: "joe", resourceAttributes: { verb: "get", resource: "pods" } } },
  selfsubjectrulesreviews: { spec: { namespace: "default" } },
  tokenreviews: { spec: { token: "a.b.c" } },
};
