import type { CertificateAuthority } from "../base/pki/certificate-authority.ts";
import { CertificateApprovingController } from "./certificates/approving-controller.ts";
import { CertificateCleanerController } from "./certificates/cleaner-controller.ts";
import { CertificateSigningController } from "./certificates/signing-controller.ts";
import type { Controller, ControllerEnvironment } from "./controller.ts";
import { NamespaceController } from "./namespace/namespace-controller.ts";
import { NodeIpamController } from "./node-ipam/node-ipam-controller.ts";
import { NodeLifecycleController } from "./node-lifecycle/node-lifecycle-controller.ts";
import { PodGcController } from "./pod-gc/pod-gc-controller.ts";
import { ServiceAccountController } from "./service-account/service-account-controller.ts";
import { TokenCleanerController } from "./token-cleaner/token-cleaner-controller.ts";

export interface ControllerOptions {
  readonly clusterCidr: string;
  readonly authority: Pick<CertificateAuthority, "sign">;
}

/** All controllers of the supervisor. Throws where an option is no good. */
export function createControllers(
  environment: ControllerEnvironment,
  options: ControllerOptions,
): readonly Controller[] {
  return [
    new CertificateApprovingController(environment),
    new CertificateSigningController(environment, options.authority),
    new CertificateCleanerController(environment),
    new NamespaceController(environment),
    new NodeIpamController(environment, options.clusterCidr),
    new NodeLifecycleController(environment),
    new PodGcController(environment),
    new ServiceAccountController(environment),
    new TokenCleanerController(environment),
  ];
}
