import { expect, test } from "bun:test";
import {
  bootTimeMs,
  cpuNanoseconds,
  defaultInterface,
  eventCount,
  interfaceStats,
  memoryFigure,
  processorTopology,
  taskCount,
} from "./proc-text.ts";

const stat =
  "cpu  100 20 30 4000 50 6 7 8 9 0\ncpu0 100 20 30 4000 50 6 7 8 9 0\nbtime 1769860800\nprocesses 12\n";
const netDev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 100 1 0 0 0 0 0 0 100 1 0 0 0 0 0 0
  eth0: 9000     9    1    0    0     0          0         0  4000      4    2    0    0     0       0          0
`;

test("the texts of proc tell of processors, memory, processes and interfaces", () => {
  expect(cpuNanoseconds(stat)).toBe(163 * 10_000_000);
  expect(bootTimeMs(stat)).toBe(1_769_860_800_000);
  expect(memoryFigure("MemTotal:  2048 kB\nActive(file):  4 kB\n", "Active(file)")).toBe(4096);
  expect(memoryFigure("MemTotal:  2048 kB\n", "SwapTotal")).toBe(0);
  expect(eventCount("pgfaults_x 1\npgfault 77\n", "pgfault")).toBe(77);
  const processor = (index: number, socket: number, core: number): string =>
    `processor\t: ${index}\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;
  const four = [processor(0, 0, 0), processor(1, 0, 0), processor(2, 0, 1), processor(3, 1, 0)].join("\n");
  expect(processorTopology(four)).toEqual({ socketCount: 2, coreCount: 3 });
  expect(processorTopology("processor\t: 0\n\nprocessor\t: 1\n\nHardware\t: x\n")).toEqual({
    socketCount: 1,
    coreCount: 2,
  });
  expect(taskCount("0.10 0.20 0.30 2/345 6789\n")).toBe(345);
  expect(interfaceStats(netDev)).toEqual([
    { name: "eth0", rxBytes: 9000, rxErrors: 1, txBytes: 4000, txErrors: 2 },
  ]);
  const route = "Iface\tDestination\tGateway\nbr0\t0000A8C0\t00000000\neth0\t00000000\t0100A8C0\n";
  expect(defaultInterface(route)).toBe("eth0");
});
