import type { NetworkUsage } from "../../../runtime/pod-sandbox-stats.ts";
import type { ContainerMetric } from "./subject.ts";

/** What went through a Pod's network interface. */
export const networkMetrics: readonly ContainerMetric[] = [
  counter("receive_bytes_total", "Cumulative count of bytes received", "receivedBytes"),
  counter("receive_packets_total", "Cumulative count of packets received", "receivedPackets"),
  counter("receive_errors_total", "Cumulative count of errors encountered while receiving", "receiveErrors"),
  counter(
    "receive_packets_dropped_total",
    "Cumulative count of packets dropped while receiving",
    "receiveDrops",
  ),
  counter("transmit_bytes_total", "Cumulative count of bytes transmitted", "sentBytes"),
  counter("transmit_packets_total", "Cumulative count of packets transmitted", "sentPackets"),
  counter("transmit_errors_total", "Cumulative count of errors encountered while transmitting", "sendErrors"),
  counter(
    "transmit_packets_dropped_total",
    "Cumulative count of packets dropped while transmitting",
    "sendDrops",
  ),
];

function counter(
  name: string,
  help: string,
  field: Exclude<keyof NetworkUsage, "interfaceName">,
): ContainerMetric {
  return [
    "counter",
    `container_network_${name}`,
    help,
    ({ network }) => (network ? [[network[field], { interface: network.interfaceName }]] : []),
  ];
}
