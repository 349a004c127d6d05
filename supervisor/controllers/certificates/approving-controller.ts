import type { V1CertificateSigningRequest, V1Node } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { messageOf } from "../../base/errors.ts";
import { type CertificateRequest, readCertificateRequest } from "../../base/pki/certificate-request.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { nodeExists } from "../node-exists.ts";
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
/** A name for a Node (RFC 1123 subdomain), short enough for the record of its key. */
const nodeNamePattern = /^[a-z0-9]([-a-z0-9.]{0,240}[a-z0-9])?$/;

/**
 * Decides about hosts' requests for their client certificate. A host that has a certificate renews it for its own
 * name; one that has a join token gets the name if no other key holds it. All other requests are left to people.
 */
export class CertificateApprovingController implements Controller {
  readonly name = "certificatesigningrequest-approving-controller";
  readonly #environment: ControllerEnvironment;
  readonly #requests: Informer<V1CertificateSigningRequest>;
  readonly #nodes: Informer<V1Node>;
  readonly #keys: NodeKeys;
  readonly #tokens: JoinTokens;
  readonly #queue: WorkQueue;
  readonly #nodeQueue: WorkQueue;

  constructor(environment: ControllerEnvironment) {
    const { client, informers, clock } = environment;
    this.#environment = environment;
    this.#requests = informers.informer(resources.certificateSigningRequests);
    this.#nodes = informers.informer<V1Node>(resources.nodes);
    this.#keys = new NodeKeys(client, clock);
    this.#tokens = new JoinTokens(client);
    this.#queue = new WorkQueue({ name: "certificate-approving", initialDelayMs: 50, ...environment });
    this.#nodeQueue = new WorkQueue({ name: "node-keys", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = (csr: V1CertificateSigningRequest): void => this.#queue.add(csr.metadata?.name ?? "");
    const addNode = (node: V1Node): void => this.#nodeQueue.add(node.metadata?.name ?? "");
    this.#requests.addHandlers({ onAdd: add, onUpdate: add });
    this.#nodes.addHandlers({ onAdd: addNode, onDelete: addNode });
    if (!(await waitForSync(signal, this.#requests, this.#nodes))) return;
    // One at a time: two hosts that ask for one name at once must not both find it free.
    await Promise.all([
      this.#queue.run(signal, 1, (name) => this.#handle(name)),
      this.#nodeQueue.run(signal, 1, (name) => this.#noteNode(name)),
    ]);
  }

  async #noteNode(name: string): Promise<void> {
    if (this.#nodes.get(name) === undefined) await this.#keys.release(name);
    else await this.#keys.markRegistered(name);
  }

  async #handle(name: string): Promise<void> {
    const csr = this.#requests.get(name);
    if (csr === undefined || csr.spec.signerName !== nodeClientSigner || !isPending(csr)) return;
    const { username = "" } = csr.spec;
    if (!username.startsWith(bootstrapUser) && !username.startsWith(nodeUser)) return;
    const { client, clock, logger } = this.#environment;
    const request = read(csr);
    const decision =
      typeof request === "string" ? deny("InvalidRequest", request) : this.#decide(username, request);
    const { type, reason, message } = await decision;
    logger.info(`${type} a host's certificate request`, { request: name, user: username, message });
    try {
      const requests = client.resource<V1CertificateSigningRequest>(resources.certificateSigningRequests);
      await requests.updateSubresource(withCondition(csr, type, reason, message, clock.now()), "approval");
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  /** Decides about a request that is in good shape. */
  async #decide(username: string, request: CertificateRequest): Promise<Decision> {
    const nodeName = requestedNodeName(request) ?? "";
    if (username.startsWith(bootstrapUser)) {
      return await this.#decideJoin(username.slice(bootstrapUser.length), nodeName, request.publicKeyHash);
    }
    if (username !== request.commonName) {
      return deny("NodeNameMismatch", `${username} may not ask for ${request.commonName}`);
    }
    await this.#keys.assign(nodeName, request.publicKeyHash);
    return approve("Auto approving self kubelet client certificate");
  }

  async #decideJoin(tokenId: string, nodeName: string, keyHash: string): Promise<Decision> {
    const exists = await nodeExists(this.#environment.client, nodeName);
    const holder = await this.#keys.holder(nodeName, exists);
    if (holder !== keyHash && (exists || holder !== undefined))
      return deny("NodeNameTaken", nameTaken(nodeName));
    const refusal = await this.#tokens.use(tokenId, keyHash);
    if (refusal !== undefined) return deny("TokenRefused", refusal);
    await this.#keys.assign(nodeName, keyHash);
    return approve(`Auto approving kubelet client certificate of a host that joins by token ${tokenId}`);
  }
}

/** The request, or why it is none that a host may make. */
function read(csr: V1CertificateSigningRequest): CertificateRequest | string {
  try {
    const request = readCertificateRequest(Buffer.from(csr.spec.request, "base64").toString("utf8"));
    const refusal = refuseNodeClient(request, csr.spec);
    if (refusal !== undefined) return refusal;
    const nodeName = requestedNodeName(request) ?? "";
    if (nodeNamePattern.test(nodeName)) return request;
    return `Node name ${JSON.stringify(nodeName)} must be of lower case letters, digits, "-" and ".", and at most 242 of them: give another --node-name`;
  } catch (error) {
    return messageOf(error);
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
