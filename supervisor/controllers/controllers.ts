import type { CertificateAuthority } from "../base/pki/certificate-authority.ts";
import { certificateApprovingController } from "./certificates/approving-controller.ts";
import { certificateCleanerController } from "./certificates/cleaner-controller.ts";
import { certificateSigningController } from "./certificates/signing-controller.ts";
import type { Controller, ControllerEnvironment } from "./controller.ts";
import { namespaceController } from "./namespace/namespace-controller.ts";
import { nodeIpamController } from "./node-ipam/node-ipam-controller.ts";
import { nodeLifecycleController } from "./node-lifecycle/node-lifecycle-controller.ts";
import { podGcController } from "./pod-gc/pod-gc-controller.ts";
import { serviceAccountController } from "./service-account/service-account-controller.ts";
import { tokenCleanerController } from "./token-cleaner/token-cleaner-controller.ts";

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
    certificateApprovingController(environment),
    certificateSigningController(environment, options.authority),
    certificateCleanerController(environment),
    namespaceController(environment),
    nodeIpamController(environment, options),
    nodeLifecycleController(environment),
    podGcController(environment),
    serviceAccountController(environment),
    tokenCleanerController(environment),
  ];
}
