import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../test/framework/test-api-server.ts";

let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start();
});

afterAll(() => server.close());

const core = "/api/v1/namespaces/default";
const apps = "/apis/apps/v1/namespaces/default";
const batch = "/apis/batch/v1/namespaces/default";
const storage = "/apis/storage.k8s.io/v1";

function warningsOf({ headers }: { readonly headers: Headers }): readonly string[] {
  const text = headers.get("warning") ?? "";
  return Array.from(text.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g), ([, body = ""]) => JSON.parse(`"${body}"`));
}

const template = (change: object = {}) => ({
  metadata: { labels: { app: "a" }, ...change },
  spec: { containers: [{ name: "main", image: "x" }], restartPolicy: "Always" },
});
const workload = { selector: { matchLabels: { app: "a" } }, template: template() };
const dotted =
  "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]";

const longForm = (field: string) =>
  `${field}: IPv6 CIDR value "fd00:0::/64" should be in RFC 5952 canonical format ("fd00::/64")`;

/** Where, the name, the fields beside it, and what the client is told. */
const warned: ReadonlyArray<readonly [path: string, name: string, object: object, texts: readonly string[]]> =
  [
    [`${apps}/deployments`, "a.b", { spec: workload }, [dotted]],
    [
      `${apps}/statefulsets`,
      "few",
      { spec: { ...workload, serviceName: "s", revisionHistoryLimit: -1 } },
      [
        "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended",
      ],
    ],
    [
      `${batch}/jobs`,
      "a.b",
      {
        spec: {
          template: {
            metadata: {
              annotations: { "container.apparmor.security.beta.kubernetes.io/main": "unconfined" },
            },
            spec: { containers: [{ name: "main", image: "x" }], restartPolicy: "Never" },
          },
        },
      },
      [
        dotted,
        'spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/main]: deprecated since v1.30; use the "appArmorProfile" field instead',
      ],
    ],
    [
      `${core}/pods`,
      "files",
      {
        spec: {
          containers: [{ name: "main", image: "x" }],
          hostAliases: [{ ip: "2001:DB8::1" }],
          volumes: [
            {
              name: "v",
              configMap: {
                name: "c",
                items: [
                  { key: "a", path: "p" },
                  { key: "b", path: "p/q" },
                ],
              },
            },
          ],
        },
      },
      [
        'volume "v" (ConfigMap "c"): overlapping paths: "p/q" with "p"',
        'spec.hostAliases[0].ip: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")',
      ],
    ],
    [
      `${core}/services`,
      "outside",
      {
        spec: {
          clusterIP: "None",
          ports: [{ port: 80 }],
          externalIPs: ["10.9.9.9"],
          trafficDistribution: "PreferClose",
        },
      },
      [
        "spec.externalIPs is ignored for headless services",
        "spec.externalIPs is deprecated",
        'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
      ],
    ],
    [
      `${core}/persistentvolumeclaims`,
      "half",
      { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1500m" } } } },
      ['spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer'],
    ],
    [
      "/api/v1/persistentvolumes",
      "old",
      {
        metadata: { annotations: { "volume.beta.kubernetes.io/mount-options": "ro" } },
        spec: {
          capacity: { storage: "1" },
          accessModes: ["ReadWriteOnce"],
          persistentVolumeReclaimPolicy: "Recycle",
          rbd: { monitors: ["m"], image: "i" },
        },
      },
      [
        'metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use "mountOptions" attribute instead',
        "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.",
        "spec.rbd: deprecated in v1.28, non-functional in v1.31+",
      ],
    ],
    [
      `${storage}/storageclasses`,
      "zones",
      {
        provisioner: "a.b/c",
        allowedTopologies: [
          { matchLabelExpressions: [{ key: "failure-domain.beta.kubernetes.io/zone", values: ["a"] }] },
        ],
      },
      [
        'allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
      ],
    ],
    [
      "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
      "classed",
      {
        metadata: { annotations: { "kubernetes.io/ingress.class": "nginx" } },
        spec: { defaultBackend: { service: { name: "s", port: { number: 80 } } } },
      },
      [
        "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead",
      ],
    ],
    [
      `${core}/serviceaccounts`,
      "mounts",
      { metadata: { annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } } },
      [
        "metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets",
      ],
    ],
    [
      "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
      "blocks",
      { spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: "fd00:0::/64" } }] }] } },
      [longForm("spec.egress[0].to[0].ipBlock.cidr")],
    ],
    [
      "/api/v1/nodes",
      "ranges",
      { spec: { podCIDR: "fd00:0::/64", podCIDRs: ["fd00:0::/64"] } },
      [longForm("spec.podCIDRs[0]")],
    ],
    [
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
      "names",
      { addressType: "FQDN", endpoints: [{ addresses: ["a.example"] }] },
      ["spec.addressType: FQDN endpoints are deprecated"],
    ],
  ];

for (const [path, name, object, texts] of warned) {
  test(`a client that makes ${path.split("/").at(-1)} is told what is odd`, async () => {
    const { metadata, ...rest } = object as { metadata?: object };
    const body = { ...rest, metadata: { ...metadata, name } };
    const answer = await server.call("POST", path, { body });
    expect(answer.body.message).toBeUndefined();
    expect(warningsOf(answer)).toEqual([...texts]);
  });
}

test("changes are looked at where they make a new generation, Pods' not at all", async () => {
  const path = `${apps}/deployments/changed`;
  const headers = { "content-type": "application/merge-patch+json" };
  await server.call("POST", `${apps}/deployments`, {
    body: { metadata: { name: "changed" }, spec: workload },
  });
  const change = (body: object) => server.call("PATCH", path, { headers, body });
  const aliases = [{ ip: "10.0.0.1" }, { ip: "10.0.0.1" }];
  const odd = await change({ spec: { template: { spec: { hostAliases: aliases } } } });
  const text = 'spec.template.spec.hostAliases[1].ip: duplicate ip "10.0.0.1"';
  expect(warningsOf(odd)).toEqual([text]);
  expect(warningsOf(await change({ metadata: { labels: { a: "b" } } }))).toEqual([]);
});
