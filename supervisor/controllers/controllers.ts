import type { CertificateAuthority } from "../base/pki/certificate-authority.ts";
import { CertificateApprovingController } from "./certificates/approving-controller.ts";
import { CertificateCleanerController } from "./certificates/cleaner-controller.ts";
import { CertificateSigningController } from "./certificates/signing-controller.ts";
import type { Controller, ControllerEnvironment } from "./controller.ts";
import { EndpointsController } from "./endpoints/endpoints-controller.ts";
import { EndpointSliceController } from "./endpoints/endpointslice-controller.ts";
import { EndpointSliceMirroringController } from "./endpoints/endpointslicemirroring-controller.ts";
import { GarbageCollector } from "./garbage-collector/garbage-collector.ts";
import { NamespaceController } from "./namespace/namespace-controller.ts";
import { NodeIpamController } from "./node-ipam/node-ipam-controller.ts";
import { NodeLifecycleController } from "./node-lifecycle/node-lifecycle-controller.ts";
import { PodGcController } from "./pod-gc/pod-gc-controller.ts";
import { ResourceMonitors } from "./resource-monitors.ts";
import { ResourceQuotaController } from "./resource-quota/resource-quota-controller.ts";
import { ServiceAccountController } from "./service-account/service-account-controller.ts";
import {
  attributesClassProtection,
  claimProtection,
  volumeProtection,
} from "./storage-protection/storage-protection.ts";
import { TokenCleanerController } from "./token-cleaner/token-cleaner-controller.ts";

export interface ControllerOptions {
  readonly clusterCidr: string;
  readonly authority: Pick<CertificateAuthority, "sign">;
}

/**
 * All controllers of the supervisor. Each acts as a ServiceAccount of kube-system and has the rights of the role
 * `system:controller:ACCOUNT`, as upstream: `as` makes an account's environment. Throws where an option is no good.
 */
export function createControllers(
  as: (account: string) => ControllerEnvironment,
  options: ControllerOptions,
): readonly Controller[] {
  const certificates = as("certificate-controller");
  const collector = as("generic-garbage-collector");
  const monitors = new ResourceMonitors(collector);
  return [
    new CertificateApprovingController(certificates),
    new CertificateSigningController(certificates, options.authority),
    new CertificateCleanerController(certificates),
    new EndpointsController(as("endpoint-controller")),
    new EndpointSliceController(as("endpointslice-controller")),
    new EndpointSliceMirroringController(as("endpointslicemirroring-controller")),
    new GarbageCollector(collector, monitors),
    new NamespaceController(as("namespace-controller"), monitors),
    new NodeIpamController(as("node-controller"), options.clusterCidr),
    new NodeLifecycleController(as("node-controller")),
    new PodGcController(as("pod-garbage-collector")),
    new ResourceQuotaController(as("resourcequota-controller"), monitors),
    new ServiceAccountController(as("service-account-controller")),
    claimProtection(as("pvc-protection-controller")),
    volumeProtection(as("pv-protection-controller")),
    attributesClassProtection(as("volumeattributesclass-protection-controller")),
    new TokenCleanerController(as("token-cleaner")),
  ];
}
