import { expect, test } from "bun:test";
import { complaintsOfPod as complaints, main } from "./pod-fixture.ts";

const container = (change: object) => ({ containers: [{ ...main, ...change }] });
const volume = (source: object) => ({ volumes: [{ name: "data", ...source }] });

type Refused = readonly [
  what: string,
  change: object,
  texts: readonly string[],
  annotations?: Record<string, string>,
];

const refused: readonly Refused[] = [
  ["no containers", { containers: [] }, ["spec.containers: Required value"]],
  [
    "two containers of one name",
    { containers: [main, main] },
    ['spec.containers[1].name: Duplicate value: "main"'],
  ],
  [
    "an init container of the same name",
    { initContainers: [main] },
    ['spec.initContainers[0].name: Duplicate value: "main"'],
  ],
  [
    "a restart policy",
    { restartPolicy: "Sometimes" },
    ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
  ],
  [
    "a DNS policy without servers",
    { dnsPolicy: "None" },
    ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"],
  ],
  [
    "a nameserver",
    { dnsConfig: { nameservers: ["dns"] } },
    [
      'spec.dnsConfig.nameservers[0]: Invalid value: "dns": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  [
    "a deadline",
    { activeDeadlineSeconds: 0 },
    ["spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"],
  ],
  [
    "a host alias",
    { hostAliases: [{ ip: "1.2.3", hostnames: ["a"] }] },
    [
      'spec.hostAliases[0].ip: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  [
    "ephemeral containers",
    { ephemeralContainers: [{ ...main, name: "debug" }] },
    ["spec.ephemeralContainers: Forbidden: cannot be set on create"],
  ],
  [
    "gates and a node",
    { nodeName: "n", schedulingGates: [{ name: "a" }] },
    ["spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"],
  ],
  [
    "gates twice",
    { schedulingGates: [{ name: "a" }, { name: "a" }] },
    ['spec.schedulingGates[1]: Duplicate value: "a"'],
  ],
  ["host users", { hostUsers: false, hostPID: true }, ["spec.HostPID: Forbidden: when `hostUsers` is false"]],
  [
    "host ports on the host's network",
    { hostNetwork: true, ...container({ ports: [{ containerPort: 80, hostPort: 81 }] }) },
    [
      "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true",
    ],
  ],
  [
    "a port",
    container({ ports: [{ containerPort: 70000 }] }),
    [
      "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
    ],
  ],
  [
    "a pull policy",
    container({ imagePullPolicy: "Maybe" }),
    [
      'spec.containers[0].imagePullPolicy: Unsupported value: "Maybe": supported values: "Always", "IfNotPresent", "Never"',
    ],
  ],
  [
    "white space in an image",
    container({ image: " nginx" }),
    ['spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace'],
  ],
  [
    "an env name",
    container({ env: [{ name: "a=b" }] }),
    [
      "spec.containers[0].env[0].name: Invalid value: \"a=b\": a valid environment variable name must consist only of printable ASCII characters other than '='",
    ],
  ],
  [
    "a field path",
    container({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.image" } } }] }),
    [
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.image": error converting fieldPath: field label not supported: spec.image',
    ],
  ],
  [
    "a field path for files only",
    container({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.labels" } } }] }),
    [
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
    ],
  ],
  [
    "a value from nowhere",
    container({ env: [{ name: "A", valueFrom: {} }] }),
    [
      'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
    ],
  ],
  [
    "a mount of nothing",
    container({ volumeMounts: [{ name: "x", mountPath: "/x" }] }),
    ['spec.containers[0].volumeMounts[0].name: Not found: "x"'],
  ],
  [
    "a request above its limit",
    container({ resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }),
    [
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
  ],
  [
    "huge pages alone",
    container({ resources: { limits: { "hugepages-2Mi": "2Mi" } } }),
    ["spec.containers[0].resources: Forbidden: HugePages require cpu or memory"],
  ],
  [
    "a resource without a domain",
    container({ resources: { limits: { gpu: "1" } } }),
    [
      'spec.containers[0].resources.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
    ],
  ],
  [
    "half a device",
    container({ resources: { limits: { "a.io/gpu": "500m" } } }),
    [
      'spec.containers[0].resources.limits[a.io/gpu]: Invalid value: "500m": must be an integer',
      'spec.containers[0].resources.requests[a.io/gpu]: Invalid value: "500m": must be an integer',
    ],
  ],
  [
    "less for the Pod than for its containers",
    { resources: { requests: { cpu: "1" } }, ...container({ resources: { requests: { cpu: "2" } } }) },
    [
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
    ],
  ],
  [
    "two handlers",
    container({ livenessProbe: { exec: { command: ["a"] }, httpGet: { port: 1 } } }),
    ["spec.containers[0].livenessProbe.httpGet: Forbidden: may not specify more than 1 handler type"],
  ],
  [
    "no handler",
    container({ lifecycle: { preStop: {} } }),
    ["spec.containers[0].lifecycle.preStop: Required value: must specify a handler type"],
  ],
  [
    "a long sleep",
    container({ lifecycle: { preStop: { sleep: { seconds: 60 } } } }),
    [
      "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30)",
    ],
  ],
  [
    "a liveness probe that wants two successes",
    container({ livenessProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } }),
    ["spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"],
  ],
  [
    "a probe of an init container",
    { initContainers: [{ ...main, name: "init", livenessProbe: { tcpSocket: { port: 1 } } }] },
    [
      "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
    ],
  ],
  [
    "a user",
    { securityContext: { runAsUser: -1 } },
    ["spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive"],
  ],
  [
    "sysctls",
    {
      securityContext: {
        sysctls: [
          { name: "foo-", value: "" },
          { name: "kernel.shmmax", value: "1" },
          { name: "safe-and-unsafe", value: "" },
        ],
      },
    },
    [
      'spec.securityContext.sysctls[0].name: Invalid value: "foo-": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
    ],
  ],
  [
    "a seccomp profile",
    { securityContext: { seccompProfile: { type: "Localhost" } } },
    [
      "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost",
    ],
  ],
  [
    "unmasked proc",
    container({ securityContext: { procMount: "Unmasked" } }),
    [
      'spec.containers[0].securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`',
    ],
  ],
  [
    "Windows",
    { os: { name: "windows" }, securityContext: { runAsUser: 1 } },
    ["spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod"],
  ],
  [
    "a toleration of nothing",
    { tolerations: [{ operator: "Equal", value: "a" }] },
    [
      'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ],
  [
    "a skew",
    {
      topologySpreadConstraints: [
        { maxSkew: 0, topologyKey: "zone", whenUnsatisfiable: "Never", labelSelector: {} },
      ],
    },
    [
      "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
      'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Never": supported values: "DoNotSchedule", "ScheduleAnyway"',
    ],
  ],
  [
    "a node affinity of nothing",
    {
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
      },
    },
    [
      "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term",
    ],
  ],
  [
    "an affinity without a topology",
    { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "" }] } } },
    [
      "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty",
      'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": name part must be non-empty',
      "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    "two sources of a volume",
    volume({ emptyDir: {}, hostPath: { path: "/a" } }),
    ["spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"],
  ],
  [
    "steps back",
    volume({ hostPath: { path: "/a/../b" } }),
    ["spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"],
  ],
  [
    "a file mode",
    volume({ secret: { secretName: "s", defaultMode: 1000 } }),
    [
      "spec.volumes[0].secret.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive",
    ],
  ],
  [
    "a short-lived token",
    {
      serviceAccountName: "a",
      ...volume({ projected: { sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 5 } }] } }),
    },
    [
      "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes",
    ],
  ],
  [
    "two files at one place",
    volume({
      projected: {
        sources: [
          { configMap: { name: "a", items: [{ key: "k", path: "p" }] } },
          { secret: { name: "b", items: [{ key: "k", path: "p" }] } },
        ],
      },
    }),
    ['spec.volumes[0].projected: Invalid value: "b": conflicting duplicate paths'],
  ],
  [
    "raw devices with users of its own",
    {
      hostUsers: false,
      ...container({ volumeDevices: [{ name: "data", devicePath: "/dev/v" }] }),
      ...volume({ persistentVolumeClaim: { claimName: "c" } }),
    },
    ["spec.containers[0].volumeDevices: Forbidden: when `hostUsers` is false"],
  ],
  [
    "a comparison of numbers in a toleration",
    { tolerations: [{ key: "a", operator: "Lt", value: "1" }] },
    [
      'spec.tolerations[0].operator: Unsupported value: "Lt": supported values: "Equal", "Exists", "Lt", "Gt"',
    ],
  ],
  [
    "variables of a file elsewhere",
    container({
      env: [{ name: "A", valueFrom: { fileKeyRef: { key: "", volumeName: "v", path: "../x" } } }],
    }),
    [
      "spec.containers[0].env[0].valueFrom.fileKeyRef.key: Required value",
      "spec.containers[0].env[0].valueFrom.fileKeyRef.path: Invalid value: \"../x\": must not contain '..'",
      'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Not found: "v"',
    ],
  ],
  [
    "a long host name",
    { hostnameOverride: "a".repeat(65) },
    ["spec.hostnameOverride: Too long: may not be more than 64 bytes"],
  ],
  [
    "rules of an init container without a policy",
    {
      initContainers: [
        { ...main, name: "init", restartPolicyRules: [{ action: "Sleep", exitCodes: { operator: "In" } }] },
      ],
    },
    [
      "spec.initContainers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used",
    ],
  ],
  [
    "an unknown action",
    container({ restartPolicy: "Never", restartPolicyRules: [{ action: "Sleep" }] }),
    [
      'spec.containers[0].restartPolicyRules[0].action: Unsupported value: "Sleep": supported values: "Restart"',
      "spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified",
    ],
  ],
  [
    "resources of a whole Pod on Windows",
    { os: { name: "windows" }, resources: { limits: { cpu: "1" } } },
    ["spec.resources: Forbidden: may not be set for a windows pod"],
  ],
  [
    "keys of labels that the selector names too",
    {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "zone",
          whenUnsatisfiable: "DoNotSchedule",
          matchLabelKeys: ["app"],
          labelSelector: {
            matchLabels: { app: "a" },
            matchExpressions: [{ key: "app", operator: "Exists" }],
          },
        },
      ],
    },
    [
      'spec.topologySpreadConstraints[0][0]: Invalid value: "app": exists in both matchLabelKeys and labelSelector',
    ],
  ],
  [
    "SELinux labels of mounts",
    { securityContext: { seLinuxChangePolicy: "MountOption" } },
    [
      'spec.securityContext.seLinuxChangePolicy: Unsupported value: "MountOption": supported values: "Recursive"',
    ],
  ],
  [
    "an AppArmor profile that its annotation contradicts",
    { securityContext: { appArmorProfile: { type: "Unconfined" } } },
    [
      "spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match",
    ],
    { "container.apparmor.security.beta.kubernetes.io/main": "runtime/default" },
  ],
  ["an image volume of nothing", volume({ image: {} }), ["spec.volumes[0].image.reference: Required value"]],
  [
    "claims that nobody has",
    container({ resources: { claims: [{ name: "gpu" }] } }),
    [
      'spec.containers[0].resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty',
    ],
  ],
];

for (const [what, change, texts, annotations] of refused) {
  test(`a Pod is refused for ${what}, as upstream words it`, () =>
    expect(complaints(change, annotations)).toEqual([...texts]));
}
