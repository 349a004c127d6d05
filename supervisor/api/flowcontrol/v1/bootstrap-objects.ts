/** The flow schemas and priority levels of every cluster (kubernetes `apiserver/pkg/apis/flowcontrol/bootstrap`). */
interface Manifest {
  readonly [part: string]: unknown;
  readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
  readonly spec: object;
}

const annotations = { "apf.kubernetes.io/autoupdate-spec": "true" };
const everything = ["*"];
const everybody = ["system:unauthenticated", "system:authenticated"];

interface Subject {
  readonly kind: string;
  readonly group?: object;
  readonly user?: object;
  readonly serviceAccount?: object;
}

function groups(...names: readonly string[]): readonly Subject[] {
  return names.map((name) => ({ kind: "Group", group: { name } }));
}

function users(...names: readonly string[]): readonly Subject[] {
  return names.map((name) => ({ kind: "User", user: { name } }));
}

const systemAccounts: readonly Subject[] = [
  { kind: "ServiceAccount", serviceAccount: { name: "*", namespace: "kube-system" } },
];

function resourceRule(
  verbs: readonly string[],
  apiGroups: readonly string[],
  resources: readonly string[],
  clusterScope: boolean,
): object {
  const namespaces = everything;
  return { verbs, apiGroups, resources, ...(clusterScope ? { clusterScope } : {}), namespaces };
}

const allResources = resourceRule(everything, everything, everything, true);
const allPaths = { verbs: everything, nonResourceURLs: everything };

/** A rule for all that the subjects ask. */
function allOf(subjects: readonly Subject[]): object {
  return { subjects, resourceRules: [allResources], nonResourceRules: [allPaths] };
}

interface Schema {
  readonly name: string;
  readonly level: string;
  readonly precedence: number;
  readonly by?: "ByUser" | "ByNamespace";
  readonly rule: object;
}

const schemas: readonly Schema[] = [
  { name: "exempt", level: "exempt", precedence: 1, rule: allOf(groups("system:masters")) },
  {
    name: "probes",
    level: "exempt",
    precedence: 2,
    rule: {
      subjects: groups(...everybody),
      nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/readyz", "/livez"] }],
    },
  },
  {
    name: "system-leader-election",
    level: "leader-election",
    precedence: 100,
    by: "ByUser",
    rule: {
      subjects: [...users("system:kube-controller-manager", "system:kube-scheduler"), ...systemAccounts],
      resourceRules: [resourceRule(["get", "create", "update"], ["coordination.k8s.io"], ["leases"], false)],
    },
  },
  {
    name: "system-node-high",
    level: "node-high",
    precedence: 400,
    by: "ByUser",
    rule: {
      subjects: groups("system:nodes"),
      resourceRules: [
        resourceRule(everything, [""], ["nodes", "nodes/status"], true),
        resourceRule(everything, ["coordination.k8s.io"], ["leases"], false),
      ],
    },
  },
  {
    name: "system-nodes",
    level: "system",
    precedence: 500,
    by: "ByUser",
    rule: allOf(groups("system:nodes")),
  },
  {
    name: "kube-controller-manager",
    level: "workload-high",
    precedence: 800,
    by: "ByNamespace",
    rule: allOf(users("system:kube-controller-manager")),
  },
  {
    name: "kube-scheduler",
    level: "workload-high",
    precedence: 800,
    by: "ByNamespace",
    rule: allOf(users("system:kube-scheduler")),
  },
  {
    name: "kube-system-service-accounts",
    level: "workload-high",
    precedence: 900,
    by: "ByNamespace",
    rule: allOf(systemAccounts),
  },
  {
    name: "service-accounts",
    level: "workload-low",
    precedence: 9000,
    by: "ByUser",
    rule: allOf(groups("system:serviceaccounts")),
  },
  {
    name: "global-default",
    level: "global-default",
    precedence: 9900,
    by: "ByUser",
    rule: allOf(groups(...everybody)),
  },
  {
    name: "catch-all",
    level: "catch-all",
    precedence: 10_000,
    by: "ByUser",
    rule: allOf(groups(...everybody)),
  },
];

/** The schemas; `now` is when their priority levels were found. */
export function systemFlowSchemas(now: string): readonly Manifest[] {
  return schemas.map(({ name, level, precedence, by, rule }) => ({
    metadata: { name, annotations },
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence: precedence,
      ...(by === undefined ? {} : { distinguisherMethod: { type: by } }),
      rules: [rule],
    },
    status: {
      conditions: [
        {
          type: "Dangling",
          status: "False",
          lastTransitionTime: now,
          reason: "Found",
          message: `This FlowSchema references the PriorityLevelConfiguration object named "${level}" and it exists`,
        },
      ],
    },
  }));
}

/** Name, shares, percent that is lent, and the number of queues and the size of a hand; none rejects instead. */
const levels: ReadonlyArray<readonly [string, number, number, (readonly [number, number])?]> = [
  ["catch-all", 5, 0],
  ["system", 30, 33, [64, 6]],
  ["node-high", 40, 25, [64, 6]],
  ["leader-election", 10, 0, [16, 4]],
  ["workload-high", 40, 50, [128, 6]],
  ["workload-low", 100, 90, [128, 6]],
  ["global-default", 20, 50, [128, 6]],
];
const queueLengthLimit = 50;

export const systemPriorityLevels: readonly Manifest[] = [
  {
    metadata: { name: "exempt", annotations },
    spec: { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  },
  ...levels.map(([name, nominalConcurrencyShares, lendablePercent, queuing]) => ({
    metadata: { name, annotations },
    spec: {
      type: "Limited",
      limited: {
        nominalConcurrencyShares,
        lendablePercent,
        limitResponse:
          queuing === undefined
            ? { type: "Reject" }
            : { type: "Queue", queuing: { queues: queuing[0], handSize: queuing[1], queueLengthLimit } },
      },
    },
  })),
];

/** The objects that must be as they are here. */
const mandatory: ReadonlySet<string> = new Set(["catch-all", "exempt"]);

function specOf(objects: readonly Manifest[], name: string): object | undefined {
  return mandatory.has(name) ? objects.find(({ metadata }) => metadata.name === name)?.spec : undefined;
}

export function fixedFlowSchemaSpec(name: string): object | undefined {
  return specOf(systemFlowSchemas(""), name);
}

export function fixedPriorityLevelSpec(name: string): object | undefined {
  return specOf(systemPriorityLevels, name);
}
