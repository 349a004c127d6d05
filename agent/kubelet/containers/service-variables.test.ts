import { expect, test } from "bun:test";
import type { V1Service } from "../../../supervisor/api/generated/types.ts";
import { serviceVariables } from "./service-variables.ts";

function service(namespace: string, name: string, clusterIP: string, ports: object[] = []): V1Service {
  // The ports below have what a Service's port needs.
  const spec = { clusterIP, ports: ports as NonNullable<V1Service["spec"]>["ports"] & object };
  return { metadata: { namespace, name }, spec };
}

const services = [
  service("default", "kubernetes", "10.43.0.1", [{ name: "https", port: 443, protocol: "TCP" }]),
  service("shop", "web-1", "10.43.0.9", [{ port: 80 }, { name: "dns", port: 53, protocol: "UDP" }]),
  service("shop", "headless", "None", [{ port: 80 }]),
  service("other", "kubernetes", "10.43.0.7", [{ port: 1 }]),
];

test("serviceVariables names the API server's Service in every namespace", () => {
  expect(Object.fromEntries(serviceVariables(services, "shop", false))).toEqual({
    KUBERNETES_SERVICE_HOST: "10.43.0.1",
    KUBERNETES_SERVICE_PORT: "443",
    KUBERNETES_SERVICE_PORT_HTTPS: "443",
    KUBERNETES_PORT: "tcp://10.43.0.1:443",
    KUBERNETES_PORT_443_TCP: "tcp://10.43.0.1:443",
    KUBERNETES_PORT_443_TCP_PROTO: "tcp",
    KUBERNETES_PORT_443_TCP_PORT: "443",
    KUBERNETES_PORT_443_TCP_ADDR: "10.43.0.1",
  });
});

test("serviceVariables names the namespace's own Services, port by port", () => {
  const own = Object.fromEntries(serviceVariables(services, "shop", true));
  expect(own.WEB_1_SERVICE_HOST).toBe("10.43.0.9");
  expect(own.WEB_1_SERVICE_PORT).toBe("80");
  expect(own.WEB_1_SERVICE_PORT_DNS).toBe("53");
  expect(own.WEB_1_PORT).toBe("tcp://10.43.0.9:80");
  expect(own.WEB_1_PORT_53_UDP).toBe("udp://10.43.0.9:53");
  expect(Object.keys(own).some((name) => name.startsWith("HEADLESS"))).toBe(false);
});
