import { expect, test } from "bun:test";
import { ioOf, psiOf } from "./psi-stats.ts";

const averages = { avg10: 1.5, avg60: 0.5, avg300: 0.25 };
const pressure = {
  some: { totalMicroseconds: 9, ...averages },
  full: { totalMicroseconds: 4, ...averages },
};

test("pressure is told under the kubelet's names, and not where the kernel does not tell", () => {
  const psi = { full: { total: 4, ...averages }, some: { total: 9, ...averages } };
  expect(psiOf(pressure)).toEqual({ psi });
  expect(psiOf(undefined)).toEqual({});
  expect(ioOf("now", { io: pressure })).toEqual({ io: { time: "now", psi } });
  expect(ioOf("now", { cpu: pressure })).toEqual({});
});
