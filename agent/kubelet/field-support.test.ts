import { expect, test } from "bun:test";
import type { V1PodSpec } from "../../supervisor/api/generated/types.ts";
import { fieldSupport } from "./field-support.ts";

function paths(spec: V1PodSpec): { refused: string[]; ignored: string[] } {
  const { refused, ignored } = fieldSupport({ spec });
  return { refused: refused.map(({ path }) => path), ignored: ignored.map(({ path }) => path) };
}

test("fieldSupport has nothing to say of a plain Pod", () => {
  expect(
    paths({
      containers: [
        { name: "web", image: "nginx", env: [{ name: "A", value: "b" }], ports: [{ containerPort: 80 }] },
      ],
      restartPolicy: "Always",
      dnsPolicy: "ClusterFirst",
      securityContext: {
        seccompProfile: { type: "RuntimeDefault" },
        appArmorProfile: { type: "Unconfined" },
      },
      hostUsers: false,
    }),
  ).toEqual({ refused: [], ignored: [] });
});

test("fieldSupport names the fields that a Pod must wait for", () => {
  expect(
    paths({
      resourceClaims: [{ name: "gpu", resourceClaimName: "one" }],
      volumes: [
        { name: "data", emptyDir: { medium: "HugePages" } },
        { name: "conf", configMap: { name: "c" } },
        { name: "host", iscsi: { targetPortal: "a", iqn: "b", lun: 0 } },
        {
          name: "all",
          projected: {
            sources: [
              { serviceAccountToken: { path: "token" } },
              { clusterTrustBundle: { path: "ca", name: "x" } },
            ],
          },
        },
      ],
      containers: [
        {
          name: "web",
          volumeMounts: [{ name: "conf", mountPath: "/etc/conf" }],
        },
      ],
    }).refused,
  ).toEqual([
    "spec.resourceClaims",
    "spec.volumes[0].emptyDir.medium",
    "spec.volumes[2].iscsi",
    "spec.volumes[3].projected.sources[1].clusterTrustBundle",
  ]);
});

test("fieldSupport names the fields that a Pod runs without", () => {
  expect(
    paths({
      containers: [
        {
          name: "web",
          securityContext: {
            seLinuxOptions: { level: "s0" },
            appArmorProfile: { type: "RuntimeDefault" },
          },
        },
      ],
    }).ignored,
  ).toEqual([
    "spec.containers[0].securityContext.appArmorProfile",
    "spec.containers[0].securityContext.seLinuxOptions",
  ]);
});
