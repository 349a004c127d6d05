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
import { strangeServingName } from "./serving-names.ts";
import {
  nodeClientSigner,
  nodeServingSigner,
  refuseNodeClient,
  refuseNodeServing,
  requestedNodeName,
} from "./signers.ts";

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
 * Decides about hosts' requests. A host that has a client certificate renews it for its own name; one that has a join token
 * gets the name if no other key holds it. A serving certificate is approved for names that are the Node's alone, where
 * upstream leaves all of them to people. All other requests are left to them.
 */
export class CertificateApprovingController implements Controller {
  readonly name = "certificatesigningrequest-approving-controller";
  readonly #environment: ControllerEnvironment;
  readonly #serverNames: readonly string[];
  readonly #requests: Informer<V1CertificateSigningRequest>;
  readonly #nodes: Informer<V1Node>;
  readonly #keys: NodeKeys;
  readonly #tokens: JoinTokens;
  readonly #queue: WorkQueue;
  readonly #nodeQueue: WorkQueue;

  /** `serverNames` are those that the API server's own certificate is for. */
  constructor(environment: ControllerEnvironment, serverNames: readonly string[]) {
    const { client, informers, clock } = environment;
    this.#serverNames = serverNames;
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
    const addServing = (node: V1Node): void => {
      const asks = (csr: V1CertificateSigningRequest): boolean =>
        isServing(csr) && csr.spec.username === `${nodeUser}${node.metadata?.name}`;
      for (const csr of this.#requests.list().filter(asks)) add(csr);
    };
    this.#requests.addHandlers({ onAdd: add, onUpdate: add });
    this.#nodes.addHandlers({ onAdd: addNode, onDelete: addNode });
    this.#nodes.addHandlers({ onAdd: addServing, onUpdate: addServing });
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
    if (csr === undefined || !isPending(csr)) return;
    const decision = isServing(csr) ? this.#decideServing(csr) : await this.#decideClient(csr);
    if (decision === undefined) return;
    const { type, reason, message } = decision;
    const { client, clock, logger } = this.#environment;
    const { username } = csr.spec;
    logger.info(`${type} a host's certificate request`, { request: name, user: username, message });
    try {
      const requests = client.resource<V1CertificateSigningRequest>(resources.certificateSigningRequests);
      await requests.updateSubresource(withCondition(csr, type, reason, message, clock.now()), "approval");
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  /** Undefined for a request that is left to people. */
  async #decideClient(csr: V1CertificateSigningRequest): Promise<Decision | undefined> {
    const { signerName, username = "" } = csr.spec;
    if (signerName !== nodeClientSigner) return undefined;
    if (!username.startsWith(bootstrapUser) && !username.startsWith(nodeUser)) return undefined;
    const request = read(csr);
    if (typeof request === "string") return deny("InvalidRequest", request);
    return await this.#decide(username, request);
  }

  #decideServing(csr: V1CertificateSigningRequest): Decision | undefined {
    const request = readServing(csr);
    if (typeof request === "string") return deny("InvalidRequest", request);
    const node = this.#nodes.get(requestedNodeName(request) ?? "");
    const why = strangeServingName(request, node, this.#nodes.list(), this.#serverNames);
    if (why === undefined)
      return approve("Auto approving kubelet serving certificate of the Node's own names");
    const { logger } = this.#environment;
    const { name } = csr.metadata ?? {};
    logger.info("A host's serving certificate waits for an approval by hand", { request: name, why });
    return undefined;
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

function isServing({ spec }: V1CertificateSigningRequest): boolean {
  return spec.signerName === nodeServingSigner && (spec.username ?? "").startsWith(nodeUser);
}

function readServing({ spec }: V1CertificateSigningRequest): CertificateRequest | string {
  try {
    const request = readCertificateRequest(Buffer.from(spec.request, "base64").toString("utf8"));
    return refuseNodeServing(request, spec) ?? request;
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
