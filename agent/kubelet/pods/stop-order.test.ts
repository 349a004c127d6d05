import { expect, test } from "bun:test";
import { stopOrder } from "./stop-order.ts";

test("stopOrder ends sidecars last, the last that started first", () => {
  const sidecar = (name: string) => ({ name, restartPolicy: "Always" });
  const spec = {
    initContainers: [sidecar("proxy"), { name: "init" }, sidecar("log")],
    containers: [{ name: "web" }, { name: "app" }],
  };
  const running = ["log", "web", "proxy", "app", "debug"];
  expect(stopOrder({ spec }, running)).toEqual([["web", "app", "debug"], ["log"], ["proxy"]]);
  expect(stopOrder({ spec }, ["proxy"])).toEqual([["proxy"]]);
});
