import { expect } from "bun:test";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();

conformanceTest(
  "[sig-api-machinery] server version should find the server version [Conformance]",
  async () => {
    const { status, body } = await cluster.api.call("GET", "/version");
    expect(status).toBe(200);
    expect(body.major).toBe("1");
    expect(body.minor).toMatch(/^36\+?$/);
    expect(body.gitVersion).toMatch(/^v1\.36\./);
  },
);
