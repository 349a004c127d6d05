import type { KubeletSettings } from "../../../supervisor/base/config/kubelet-settings.ts";
import { leaseDurationSeconds } from "./node-lease.ts";

/** What a kubelet's `/configz` shows: this host's settings as `kubelet.config.k8s.io/v1beta1` names them. */
export function kubeletConfiguration(settings: KubeletSettings): object {
  return {
    kind: "KubeletConfiguration",
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    enableServer: true,
    ...(settings.podManifestPath !== undefined && { staticPodPath: settings.podManifestPath }),
    syncFrequency: "1m0s",
    fileCheckFrequency: "20s",
    address: "0.0.0.0",
    port: settings.kubeletPort ?? 0,
    readOnlyPort: 0,
    rotateCertificates: true,
    serverTLSBootstrap: settings.rotateServerCertificates,
    authentication: {
      x509: {},
      webhook: { enabled: true, cacheTTL: "2m0s" },
      anonymous: { enabled: false },
    },
    authorization: {
      mode: "Webhook",
      webhook: { cacheAuthorizedTTL: "5m0s", cacheUnauthorizedTTL: "30s" },
    },
    enableDebuggingHandlers: true,
    enableProfilingHandler: false,
    enableDebugFlagsHandler: false,
    enableSystemLogHandler: false,
    nodeStatusUpdateFrequency: "10s",
    nodeStatusReportFrequency: "5m0s",
    nodeLeaseDurationSeconds: leaseDurationSeconds,
    cgroupDriver: "cgroupfs",
    maxPods: settings.maxPods,
    podPidsLimit: -1,
    resolvConf: "/etc/resolv.conf",
    serializeImagePulls: false,
    kubeReserved: settings.kubeReserved,
    systemReserved: settings.systemReserved,
    evictionHard: settings.evictionHard,
    evictionSoft: settings.evictionSoft,
    evictionSoftGracePeriod: settings.evictionSoftGracePeriod,
    evictionMinimumReclaim: settings.evictionMinimumReclaim,
    evictionMaxPodGracePeriod: settings.evictionMaxPodGracePeriodSeconds,
    evictionPressureTransitionPeriod: goDuration(settings.evictionPressureTransitionPeriodMs),
    shutdownGracePeriod: goDuration(settings.shutdownGracePeriodMs),
    shutdownGracePeriodCriticalPods: goDuration(settings.shutdownGracePeriodCriticalPodsMs),
    containerLogMaxSize: "10Mi",
    containerLogMaxFiles: 5,
  };
}

/** As Go writes durations: `5m0s`. */
function goDuration(durationMs: number): string {
  const seconds = durationMs / 1000;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
