import { expect, test } from "bun:test";
import type { V1PodSecurityContext, V1SecurityContext } from "../../../supervisor/api/generated/types.ts";
import { containerSecurity } from "./container-security.ts";

function security(own: V1SecurityContext, ofPod: V1PodSecurityContext = {}, imageUser = "") {
  const container = { name: "web", securityContext: own };
  const pod = {
    metadata: { name: "p", namespace: "ns", uid: "u" },
    spec: { containers: [container], securityContext: ofPod },
  };
  return containerSecurity(pod, container, imageUser);
}

test("containerSecurity takes the container's user over the Pod's over the image's", () => {
  expect(security({}, {}, "nobody:nogroup").user).toBe("nobody:nogroup");
  expect(security({}, { runAsUser: 1000 }, "nobody").user).toBe("1000");
  expect(security({ runAsUser: 1 }, { runAsUser: 1000, runAsGroup: 5 }).user).toBe("1:5");
  expect(security({}, { runAsGroup: 5 }, "nobody:nogroup").user).toBe("nobody:5");
  expect(security({}, { runAsGroup: 5 }).user).toBe("0:5");
});

test("containerSecurity passes on privileges, capabilities and groups", () => {
  expect(
    security(
      {
        privileged: true,
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
      },
      { supplementalGroups: [7], fsGroup: 9 },
    ),
  ).toEqual({
    user: "",
    supplementalGroups: [7, 9],
    readOnlyRootFilesystem: true,
    privileged: true,
    noNewPrivileges: true,
    addCapabilities: ["NET_ADMIN"],
    dropCapabilities: ["ALL"],
  });
});

test("containerSecurity holds runAsNonRoot, in the kubelet's words", () => {
  const where = '(pod: "p_ns(u)", container: web)';
  const nonRoot = { runAsNonRoot: true };
  expect(() => security({ ...nonRoot, runAsUser: 0 })).toThrow(
    `container's runAsUser breaks non-root policy ${where}`,
  );
  expect(() => security(nonRoot)).toThrow(`container has runAsNonRoot and image will run as root ${where}`);
  expect(() => security({}, nonRoot, "0:0")).toThrow("image will run as root");
  expect(() => security(nonRoot, {}, "redis")).toThrow(
    "container has runAsNonRoot and image has non-numeric user (redis), cannot verify user is non-root",
  );
  expect(security(nonRoot, {}, "101").user).toBe("101");
  expect(security({ runAsNonRoot: false }, nonRoot).user).toBe("");
});
