import { expect, test } from "bun:test";
import { healthCheckRequest, healthCheckStatus } from "./grpc-message.ts";

test("healthCheckRequest frames the service's name as protobuf", () => {
  expect([...healthCheckRequest("")]).toEqual([0, 0, 0, 0, 0]);
  expect([...healthCheckRequest("db")]).toEqual([0, 0, 0, 0, 4, 0x0a, 2, 0x64, 0x62]);
  const long = healthCheckRequest("x".repeat(300));
  expect([...long.subarray(0, 8)]).toEqual([0, 0, 0, 1, 47, 0x0a, 0xac, 0x02]);
});

test("healthCheckStatus reads the status' name", () => {
  expect(healthCheckStatus(Buffer.from([0, 0, 0, 0, 2, 8, 1]))).toBe("SERVING");
  expect(healthCheckStatus(Buffer.from([0, 0, 0, 0, 2, 8, 2]))).toBe("NOT_SERVING");
  expect(healthCheckStatus(Buffer.from([0, 0, 0, 0, 0]))).toBe("UNKNOWN");
  expect(() => healthCheckStatus(Buffer.alloc(0))).toThrow("the answer has no message");
});
