import type { CertificateAuthority } from "../base/pki/certificate-authority.ts";
import { BootstrapSigner } from "./bootstrap-signer/bootstrap-signer.ts";
import { CertificateApprovingController } from "./certificates/approving-controller.ts";
import { CertificateCleanerController } from "./certificates/cleaner-controller.ts";
import { CertificateSigningController } from "./certificates/signing-controller.ts";
import { ClusterRoleAggregationController } from "./cluster-role-aggregation/cluster-role-aggregation-controller.ts";
import type { Controller, ControllerEnvironment } from "./controller.ts";
import { DeploymentController } from "./deployment/deployment-controller.ts";
import { DisruptionController } from "./disruption/disruption-controller.ts";
import { EndpointsController } from "./endpoints/endpoints-controller.ts";
import { EndpointSliceController } from "./endpoints/endpointslice-controller.ts";
import { EndpointSliceMirroringController } from "./endpoints/endpointslicemirroring-controller.ts";
import { GarbageCollector } from "./garbage-collector/garbage-collector.ts";
import { NamespaceController } from "./namespace/namespace-controller.ts";
import { NodeIpamController } from "./node-ipam/node-ipam-controller.ts";
import { NodeLifecycleController } from "./node-lifecycle/node-lifecycle-controller.ts";
import { PodGcController } from "./pod-gc/pod-gc-controller.ts";
import { replicaSetController } from "./replica-set/replica-set-controller.ts";
import { replicationController } from "./replication/replication-controller.ts";
import { ResourceMonitors } from "./resource-monitors.ts";
import { ResourceQuotaController } from "./resource-quota/resource-quota-controller.ts";
import { RootCaPublisher } from "./root-ca-publisher/root-ca-publisher.ts";
import { ServiceAccountController } from "./service-account/service-account-controller.ts";
import {
  ServiceAccountTokenController,
  type TokenControllerOptions,
} from "./service-account/token-controller.ts";
import { ServiceCidrsController } from "./service-cidrs/service-cidrs-controller.ts";
import {
  attributesClassProtection,
  claimProtection,
  volumeProtection,
} from "./storage-protection/storage-protection.ts";
import { TokenCleanerController } from "./token-cleaner/token-cleaner-controller.ts";
import { ValidatingAdmissionPolicyStatusController } from "./validating-admission-policy-status/validating-admission-policy-status-controller.ts";

export interface ControllerOptions extends Omit<TokenControllerOptions, "caPem"> {
  readonly clusterCidr: string;
  readonly authority: Pick<CertificateAuthority, "sign" | "certificatePem">;
  /** The names and addresses that the API server's certificate is for. */
  readonly serverNames: readonly string[];
  /** What those who join are told of the cluster: a kubeconfig without a user. */
  readonly clusterInfo: string;
}

/**
 * All controllers of the supervisor. Each acts as a ServiceAccount of kube-system and has the rights of the role
 * `system:controller:ACCOUNT`, as upstream: `as` makes an account's environment, and that of `system:kube-controller-manager`
 * without a name. Throws where an option is no good.
 */
export function createControllers(
  as: (account?: string) => ControllerEnvironment,
  options: ControllerOptions,
): readonly Controller[] {
  const caPem = options.authority.certificatePem;
  const certificates = as("certificate-controller");
  const collector = as("generic-garbage-collector");
  const monitors = new ResourceMonitors(collector);
  return [
    new BootstrapSigner(as("bootstrap-signer"), options.clusterInfo),
    new CertificateApprovingController(certificates, options.serverNames),
    new CertificateSigningController(certificates, options.authority),
    new CertificateCleanerController(certificates),
    new DisruptionController(as("disruption-controller")),
    new EndpointsController(as("endpoint-controller")),
    new EndpointSliceController(as("endpointslice-controller")),
    new EndpointSliceMirroringController(as("endpointslicemirroring-controller")),
    new ClusterRoleAggregationController(as("clusterrole-aggregation-controller")),
    new DeploymentController(as("deployment-controller")),
    new GarbageCollector(collector, monitors),
    new NamespaceController(as("namespace-controller"), monitors),
    new NodeIpamController(as("node-controller"), options.clusterCidr),
    new NodeLifecycleController(as("node-controller")),
    new PodGcController(as("pod-garbage-collector")),
    replicaSetController(as("replicaset-controller")),
    replicationController(as("replication-controller")),
    new ResourceQuotaController(as("resourcequota-controller"), monitors),
    new RootCaPublisher(as("root-ca-cert-publisher"), caPem),
    new ServiceAccountTokenController(as(), { ...options, caPem }),
    new ServiceAccountController(as("service-account-controller")),
    new ServiceCidrsController(as("service-cidrs-controller")),
    claimProtection(as("pvc-protection-controller")),
    volumeProtection(as("pv-protection-controller")),
    attributesClassProtection(as("volumeattributesclass-protection-controller")),
    new TokenCleanerController(as("token-cleaner")),
    new ValidatingAdmissionPolicyStatusController(as("validatingadmissionpolicy-status-controller")),
  ];
}
