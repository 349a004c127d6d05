import type { V1CertificateSigningRequest, V1Node } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { type CertificateRequest, readCertificateRequest } from "../../base/pki/certificate-request.ts";
import { resources } from "../../client/resources.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { isPending, withCondition } from "./certificate-conditions.ts";
import { JoinTokens } from "./join-tokens.ts";
import { NodeKeys } from "./node-keys.ts";
import { nodeClientSigner, refuseNodeClient, requestedNodeName } from "./signers.ts";

interface Decision {
  readonly type: "Approved" | "Denied";
  readonly reason: string;
  readonly message: string;
}

const bootstrapUser = "system:bootstrap:";
const nodeUser = "system:node:";

/**
 * Decides about hosts' requests for their client certificate. A host that has a certificate renews it for its own
 * name; one that has a join token gets the name if no other key holds it. All other requests are left to people.
 */
export function certificateApprovingController(environment: ControllerEnvironment): Controller {
  const { client, informers, clock, logger } = environment;
  const informer = informers.informer<V1CertificateSigningRequest>(resources.certificateSigningRequests);
  const nodes = informers.informer<V1Node>(resources.nodes);
  const requests = client.resource<V1CertificateSigningRequest>(resources.certificateSigningRequests);
  const keys = new NodeKeys(client, clock);
  const tokens = new JoinTokens(client);
  const queue = new WorkQueue({ name: "certificate-approving", clock, logger, initialDelayMs: 50 });
  const nodeQueue = new WorkQueue({ name: "node-keys", clock, logger });

  /** Decides about a request that is in good shape. */
  const decide = async (csr: V1CertificateSigningRequest, request: CertificateRequest): Promise<Decision> => {
    const nodeName = requestedNodeName(request) ?? "";
    const { username = "" } = csr.spec;
    const { publicKeyHash } = request;
    if (username.startsWith(nodeUser)) {
      if (username !== request.commonName)
        return deny("NodeNameMismatch", `${username} may not ask for ${request.commonName}`);
      await keys.assign(nodeName, publicKeyHash);
      return approve("Auto approving self kubelet client certificate");
    }
    const exists = await nodeExists(nodeName);
    const holder = await keys.holder(nodeName, exists);
    if (holder !== publicKeyHash && (exists || holder !== undefined))
      return deny("NodeNameTaken", nameTaken(nodeName));
    const tokenId = username.slice(bootstrapUser.length);
    const refusal = await tokens.use(tokenId, publicKeyHash);
    if (refusal !== undefined) return deny("TokenRefused", refusal);
    await keys.assign(nodeName, publicKeyHash);
    return approve(`Auto approving kubelet client certificate of a host that joins by token ${tokenId}`);
  };

  const nodeExists = async (name: string): Promise<boolean> => {
    try {
      await client.resource<V1Node>(resources.nodes).get(name);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  };

  const handle = async (name: string): Promise<void> => {
    const csr = informer.get(name);
    if (csr === undefined || csr.spec.signerName !== nodeClientSigner || !isPending(csr)) return;
    const { username = "" } = csr.spec;
    if (!username.startsWith(bootstrapUser) && !username.startsWith(nodeUser)) return;
    const { type, reason, message } = await read(csr).then((request) =>
      typeof request === "string" ? deny("InvalidRequest", request) : decide(csr, request),
    );
    logger.info(`${type} a host's certificate request`, { request: name, user: username, message });
    try {
      await requests.updateSubresource(withCondition(csr, type, reason, message, clock.now()), "approval");
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  };

  const noteNode = async (name: string): Promise<void> => {
    if (nodes.get(name) === undefined) await keys.release(name);
    else await keys.markRegistered(name);
  };

  return {
    name: "certificatesigningrequest-approving-controller",
    async run(signal) {
      informer.addHandlers({
        onAdd: (csr) => queue.add(csr.metadata?.name ?? ""),
        onUpdate: (csr) => queue.add(csr.metadata?.name ?? ""),
      });
      nodes.addHandlers({
        onAdd: (node) => nodeQueue.add(node.metadata?.name ?? ""),
        onDelete: (node) => nodeQueue.add(node.metadata?.name ?? ""),
      });
      if (!(await waitForSync(signal, informer, nodes))) return;
      // One at a time: two hosts that ask for one name at once must not both find it free.
      await Promise.all([queue.run(signal, 1, handle), nodeQueue.run(signal, 1, noteNode)]);
    },
  };
}

/** A name for a Node (RFC 1123 subdomain), short enough for the record of its key. */
const nodeNamePattern = /^[a-z0-9]([-a-z0-9.]{0,240}[a-z0-9])?$/;

/** The request, or why it is none that a host may make. */
async function read(csr: V1CertificateSigningRequest): Promise<CertificateRequest | string> {
  try {
    const request = await readCertificateRequest(Buffer.from(csr.spec.request, "base64").toString("utf8"));
    const refusal = refuseNodeClient(request, csr.spec);
    if (refusal !== undefined) return refusal;
    const nodeName = requestedNodeName(request) ?? "";
    if (nodeNamePattern.test(nodeName)) return request;
    return `Node name ${JSON.stringify(nodeName)} must be of lower case letters, digits, "-" and ".", and at most 242 of them: give another --node-name`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function approve(message: string): Decision {
  return { type: "Approved", reason: "AutoApproved", message };
}

function deny(reason: string, message: string): Decision {
  return { type: "Denied", reason, message };
}

function nameTaken(nodeName: string): string {
  return `Node name ${nodeName} belongs to another host: give this one another --node-name, or, if it takes the other one's place, delete that with "kubectl delete node ${nodeName}" and join again`;
}
