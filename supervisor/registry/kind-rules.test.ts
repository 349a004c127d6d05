import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { TestApiServer } from "../../test/framework/test-api-server.ts";

let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start();
});

afterAll(() => server.close());

const storage = "/apis/storage.k8s.io/v1";
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const core = "/api/v1/namespaces/default";

/** Where, the fields beside the name, and what the answer says. */
type Refused = readonly [path: string, fields: object, causes: readonly string[]];

const refused: readonly Refused[] = [
  [`${storage}/storageclasses`, {}, ["provisioner: Required value"]],
  [
    `${storage}/storageclasses`,
    { provisioner: "a.b/c", reclaimPolicy: "Recycle" },
    ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
  ],
  [
    `${storage}/csidrivers`,
    { spec: { fsGroupPolicy: "All", serviceAccountTokenInSecrets: true } },
    [
      "spec.serviceAccountTokenInSecrets: Invalid value: true: may only be set when tokenRequests is not empty",
      'spec.fsGroupPolicy: Unsupported value: "All": supported values: "File", "None", "ReadWriteOnceWithFSType"',
    ],
  ],
  [
    `${storage}/volumeattachments`,
    { spec: { attacher: "a", nodeName: "n", source: {} } },
    ["spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName"],
  ],
  [
    "/apis/scheduling.k8s.io/v1/priorityclasses",
    { value: 1000000001 },
    ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
  ],
  [
    `${rbac}/namespaces/default/rolebindings`,
    { roleRef: { kind: "Part", name: "r" } },
    ['roleRef.kind: Unsupported value: "Part": supported values: "Role", "ClusterRole"'],
  ],
  [
    `${rbac}/namespaces/default/roles`,
    { rules: [{ verbs: ["get"], resources: ["pods"] }] },
    ["rules[0].apiGroups: Required value: resource rules must supply at least one api group"],
  ],
  [
    `${core}/endpoints`,
    { subsets: [{ addresses: [{ ip: "127.0.0.1" }], ports: [{ port: 80 }] }] },
    [
      'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  ],
  [
    "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
    { addressType: "IPv4", endpoints: [{ addresses: [] }] },
    ["endpoints[0].addresses: Required value: must contain at least 1 address"],
  ],
  [
    `${core}/resourcequotas`,
    { spec: { hard: { pods: "-1" } } },
    ['spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0'],
  ],
  [
    `${core}/limitranges`,
    { spec: { limits: [{ type: "Pod", max: { cpu: "1" }, min: { cpu: "2" } }] } },
    ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'],
  ],
  [
    "/apis/node.k8s.io/v1/runtimeclasses",
    { handler: "a", overhead: { podFixed: { disks: "-1" } } },
    [
      'overhead.limits[disks]: Invalid value: "disks": must be a standard resource for containers',
      'overhead.limits[disks]: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ],
  [
    "/apis/node.k8s.io/v1/runtimeclasses",
    { handler: "A" },
    ['handler: Invalid value: "A": a lowercase RFC 1123 label must consist of'],
  ],
  [
    `${core}/persistentvolumeclaims`,
    { spec: { accessModes: ["Once"], resources: { requests: { storage: "0" } } } },
    [
      'spec.accessModes: Unsupported value: "Once": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      'spec.resources[storage]: Invalid value: "0": must be greater than zero',
    ],
  ],
  [
    "/api/v1/persistentvolumes",
    { spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, local: { path: "/x" } } },
    ["spec.nodeAffinity: Required value: Local volume requires node affinity"],
  ],
  [
    "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
    {
      spec: {
        matchingPrecedence: 1,
        priorityLevelConfiguration: { name: "exempt" },
        rules: [{ subjects: [] }],
      },
    },
    [
      "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
      "spec.rules[0].subjects: Required value: subjects must contain at least one value",
    ],
  ],
  [
    "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
    { spec: { priorityLevelConfiguration: { name: "exempt" }, distinguisherMethod: { type: "ByIp" } } },
    [
      'spec.distinguisherMethod.type: Unsupported value: {"Type":"ByIp"}: supported values: "ByNamespace", "ByUser"',
    ],
  ],
  [
    "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
    { spec: { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: { handSize: 65 } } } } },
    [
      "spec.limited.limitResponse.queuing.handSize: Invalid value: 65: should not be greater than queues (64)",
    ],
  ],
  [
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    {
      webhooks: [
        {
          name: "short.name",
          sideEffects: "Some",
          admissionReviewVersions: [],
          clientConfig: { url: "http://x" },
          timeoutSeconds: 31,
        },
      ],
    },
    [
      'webhooks[0].name: Invalid value: "short.name": should be a domain with at least three segments separated by dots',
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
      "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds",
      "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]",
      "webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1",
    ],
  ],
  [
    "/apis/resource.k8s.io/v1/namespaces/default/resourceclaims",
    {
      spec: {
        devices: {
          requests: [{ name: "a", exactly: { deviceClassName: "" } }, { name: "a" }],
          constraints: [{ requests: ["b"], matchAttribute: "x.io/y" }],
        },
      },
    },
    [
      "spec.devices.requests[0].exactly.deviceClassName: Required value",
      "spec.devices.requests[1]: Required value: exactly one of `exactly` or `firstAvailable` is required",
      'spec.devices.requests[1]: Duplicate value: "a"',
      'spec.devices.constraints[0].requests[0]: Invalid value: "b": must be the name of a request in the claim',
    ],
  ],
  [
    "/apis/resource.k8s.io/v1/resourceslices",
    {
      spec: {
        driver: "d.io",
        pool: { name: "p", resourceSliceCount: 1, generation: 1 },
        nodeName: "n",
        allNodes: true,
      },
    },
    [
      'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required',
    ],
  ],
  [
    "/apis/apiregistration.k8s.io/v1/apiservices",
    { spec: { group: "g.io", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 } },
    ['metadata.name: Invalid value: "refused": must be `spec.version+"."+spec.group`: "v1.g.io"'],
  ],
];

test("the server's parts are listed, healthy, and only read", async () => {
  const path = "/api/v1/componentstatuses";
  const { body } = await server.call("GET", path);
  expect(body).toMatchObject({ kind: "ComponentStatusList", items: { length: 3 } });
  const one = await server.call("GET", `${path}/etcd-0`);
  expect(one.body).toEqual({
    kind: "ComponentStatus",
    apiVersion: "v1",
    metadata: { name: "etcd-0" },
    conditions: [{ type: "Healthy", status: "True", message: "ok" }],
  });
  expect((await server.call("GET", `${path}/none`)).status).toBe(404);
  expect((await server.call("DELETE", `${path}/etcd-0`)).status).toBe(405);
  expect((await server.call("GET", `${path}?watch=1`)).status).toBe(405);
});

describe("a kind's rules", () => {
  for (const [path, fields, causes] of refused) {
    test(`refuse in ${path.slice(path.lastIndexOf("/") + 1)}: ${causes[0]}`, async () => {
      const given = { metadata: { name: "refused" }, ...fields };
      const { status, body } = await server.call("POST", path, { body: given });
      expect(status).toBe(422);
      for (const cause of causes) expect(String(body.message)).toContain(cause);
    });
  }

  test("fill in what a storage class leaves out, and keep its provisioner", async () => {
    const path = `${storage}/storageclasses`;
    const { status, body } = await server.call("POST", path, {
      body: { metadata: { name: "plain" }, provisioner: "a.b/c" },
    });
    expect([status, body.reclaimPolicy, body.volumeBindingMode]).toEqual([201, "Delete", "Immediate"]);
    const changed = await server.call("PUT", `${path}/plain`, {
      body: { ...(body as object), provisioner: "d.e/f" },
    });
    expect([changed.status, changed.body.message]).toEqual([
      422,
      'StorageClass.storage.k8s.io "plain" is invalid: provisioner: Forbidden: updates to provisioner are forbidden.',
    ]);
  });

  test("let a claim be bound and a bound claim grow, and nothing else", async () => {
    const path = `${core}/persistentvolumeclaims`;
    const resources = { requests: { storage: "1Gi" } };
    const elastic = { metadata: { name: "elastic" }, provisioner: "a.b/c", allowVolumeExpansion: true };
    await server.call("POST", `${storage}/storageclasses`, { body: elastic });
    const spec = { accessModes: ["ReadWriteOnce"], storageClassName: "elastic", resources };
    const { body } = await server.call("POST", path, { body: { metadata: { name: "claim" }, spec } });
    expect(body).toMatchObject({ spec: { volumeMode: "Filesystem" }, status: { phase: "Pending" } });
    const change = async (field: string, patch: object, name = "claim") => {
      const headers = { "content-type": "application/merge-patch+json" };
      const answer = await server.call("PATCH", `${path}/${name}`, { headers, body: { [field]: patch } });
      return [answer.status, answer.body.message];
    };
    const grown = { resources: { requests: { storage: "2Gi" } } };
    const refusal = [
      422,
      expect.stringContaining(
        'PersistentVolumeClaim "claim" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n@@ ',
      ),
    ];
    expect(await change("spec", grown)).toEqual(refusal);
    expect(await change("spec", { volumeName: "volume" })).toEqual([200, undefined]);
    expect(await change("spec", { volumeName: "other" })).toEqual(refusal);
    expect(await change("status", { phase: "Bound", capacity: { storage: "1Gi" } }, "claim/status")).toEqual([
      200,
      undefined,
    ]);
    expect(await change("spec", grown)).toEqual([200, undefined]);
    const [, message] = await change("spec", { resources });
    expect(message).toContain("spec.resources.requests.storage: Forbidden: field can not be less than");
  });

  test("keep what every cluster has of flow control", async () => {
    const path = "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/catch-all";
    const { body } = await server.call("GET", path);
    const same = await server.call("PUT", path, { body });
    expect(same.status).toBe(200);
    const spec = { ...(body.spec as object), matchingPrecedence: 9999 };
    const changed = await server.call("PUT", path, { body: { ...(body as object), spec } });
    expect(changed.body.message).toContain("spec of 'catch-all' must equal the fixed value");
  });

  test("say at once that an API without a Service is available", async () => {
    const { body } = await server.call("POST", "/apis/apiregistration.k8s.io/v1/apiservices", {
      body: {
        metadata: { name: "v1.local.io" },
        spec: { group: "local.io", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 },
      },
    });
    expect(body).toMatchObject({ status: { conditions: [{ type: "Available", reason: "Local" }] } });
  });

  test("warn of deprecated kinds", async () => {
    const warning = async (path: string) => (await server.call("GET", path)).headers.get("warning");
    expect(await warning("/api/v1/endpoints")).toBe(
      '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
    );
    expect(await warning("/api/v1/componentstatuses")).toBe(
      '299 - "v1 ComponentStatus is deprecated in v1.19+"',
    );
    expect(await warning("/apis/discovery.k8s.io/v1/endpointslices")).toBeNull();
  });

  test("say what is wrong with a Secret's JSON, and nothing of its content", async () => {
    const refusal = async (json: string): Promise<unknown> => {
      const { body } = await server.call("POST", "/api/v1/namespaces/default/secrets", {
        body: {
          metadata: { name: "pull" },
          type: "kubernetes.io/dockerconfigjson",
          stringData: { ".dockerconfigjson": json },
        },
      });
      return body.details.causes[0].message;
    };
    const field = 'Invalid value: "<secret contents redacted>"';
    expect(await refusal("x")).toBe(`${field}: invalid character 'x' looking for beginning of value`);
    expect(await refusal("[]")).toBe(
      `${field}: json: cannot unmarshal array into Go value of type map[string]interface {}`,
    );
  });

  test("refuse a ConfigMap that is too large, and a finalizer that could be anybody's", async () => {
    const path = "/api/v1/namespaces/default/configmaps";
    const finalizers = ["mine"];
    const { body } = await server.call("POST", path, {
      body: { metadata: { name: "big", finalizers }, data: { a: "a".repeat(1024 * 1024 + 1) } },
    });
    const causes: ReadonlyArray<{ field: string; message: string }> = body.details.causes;
    expect(causes.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
      "[]: Too long: may not be more than 1048576 bytes",
    ]);
  });
});
