import { expect, test } from "bun:test";
import { podHostPorts } from "./pod-host-ports.ts";

test("podHostPorts are those of containers and sidecars that have one", () => {
  const ports = podHostPorts({
    spec: {
      initContainers: [
        { name: "once", ports: [{ containerPort: 1, hostPort: 1 }] },
        {
          name: "side",
          restartPolicy: "Always",
          ports: [{ containerPort: 53, hostPort: 5353, protocol: "UDP" }],
        },
      ],
      containers: [
        { name: "inner", ports: [{ containerPort: 80 }] },
        { name: "web", ports: [{ containerPort: 81, hostPort: 8081, hostIP: "192.0.2.1" }] },
        { name: "any", ports: [{ containerPort: 82, hostPort: 8082, hostIP: "0.0.0.0" }] },
        { name: "six", ports: [{ containerPort: 83, hostPort: 8083, hostIP: "2001:db8::1" }] },
      ],
    },
  });
  expect(ports).toEqual([
    { protocol: "udp", hostPort: 5353, containerPort: 53 },
    { protocol: "tcp", hostPort: 8081, containerPort: 81, hostAddress: "192.0.2.1" },
    { protocol: "tcp", hostPort: 8082, containerPort: 82 },
  ]);
});
