/** Who may use the kubelet API by its port: the API server is asked (webhook authentication and authorization). */
import { createHash } from "node:crypto";
import type { V1SubjectAccessReview, V1TokenReview } from "../../../supervisor/api/generated/types.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import type { PeerSubject } from "../../../supervisor/base/http/connection-info.ts";
import type { KubernetesClient } from "../../../supervisor/client/types.ts";
import { ExpiringCache } from "./expiring-cache.ts";
import { requestAttributes } from "./request-attributes.ts";

export interface KubeletAccessOptions {
  readonly client: KubernetesClient;
  readonly nodeName: string;
  readonly now: () => number;
}

export interface AccessRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly authorization: string;
  /** The verified client certificate's subject. */
  readonly peer?: PeerSubject | undefined;
}

export interface Refusal {
  readonly status: 401 | 403 | 500;
  readonly message: string;
}

interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** The kubelet's defaults (`authentication.webhook.cacheTTL` and its kin). */
const tokenLifeMs = 120_000;
const allowedLifeMs = 300_000;
const deniedLifeMs = 30_000;

const unauthorized: Refusal = { status: 401, message: "Unauthorized" };

export class KubeletAccess {
  readonly #options: KubeletAccessOptions;
  /** By a token's hash: no token is kept. */
  readonly #users: ExpiringCache<User | "unknown">;
  readonly #decisions: ExpiringCache<boolean>;

  constructor(options: KubeletAccessOptions) {
    this.#options = options;
    this.#users = new ExpiringCache(options.now);
    this.#decisions = new ExpiringCache(options.now);
  }

  /** Why a request is refused; undefined for one that may pass. Never rejects. */
  async refusal(request: AccessRequest): Promise<Refusal | undefined> {
    let user: User | undefined;
    try {
      user = await this.#authenticate(request);
    } catch {
      // As the kubelet has it: whom nobody can vouch for is nobody.
      return unauthorized;
    }
    if (user === undefined) return unauthorized;
    const { verb, subresources } = requestAttributes(request.method, request.path);
    for (const subresource of subresources) {
      const asked = `(user=${user.name}, verb=${verb}, resource=nodes, subresource=${subresource})`;
      try {
        if (await this.#mayDo(user, verb, subresource)) return undefined;
      } catch (error) {
        return { status: 500, message: `Authorization error ${asked}: ${messageOf(error)}` };
      }
    }
    const what = `user=${user.name}, verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(" ")}]`;
    return { status: 403, message: `Forbidden (${what})\n` };
  }

  async #authenticate({ peer, authorization }: AccessRequest): Promise<User | undefined> {
    if (peer !== undefined && peer.commonName !== "") {
      return { name: peer.commonName, groups: [...peer.organizations, "system:authenticated"] };
    }
    const [, token = ""] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
    if (token === "") return undefined;
    const key = createHash("sha256").update(token).digest("base64");
    const known = this.#users.get(key) ?? (await this.#review(token));
    this.#users.set(key, known, tokenLifeMs);
    return known === "unknown" ? undefined : known;
  }

  async #review(token: string): Promise<User | "unknown"> {
    const reviews = this.#options.client.resource<V1TokenReview>({
      group: "authentication.k8s.io",
      version: "v1",
      resource: "tokenreviews",
    });
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
    const { status } = await reviews.create(review);
    const { username = "", uid, groups = [], extra } = status?.user ?? {};
    if (status?.authenticated !== true || username === "") return "unknown";
    return { name: username, groups, ...(uid && { uid }), ...(extra && { extra }) };
  }

  async #mayDo(user: User, verb: string, subresource: string): Promise<boolean> {
    const key = JSON.stringify([user, verb, subresource]);
    const known = this.#decisions.get(key);
    if (known !== undefined) return known;
    const { client, nodeName } = this.#options;
    const reviews = client.resource<V1SubjectAccessReview>({
      group: "authorization.k8s.io",
      version: "v1",
      resource: "subjectaccessreviews",
    });
    const { name, uid, groups, extra } = user;
    const { status } = await reviews.create({
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: {
        user: name,
        groups: [...groups],
        ...(uid && { uid }),
        ...(extra && { extra }),
        resourceAttributes: {
          verb,
          group: "",
          version: "v1",
          resource: "nodes",
          subresource,
          name: nodeName,
        },
      },
    });
    const allowed = status?.allowed === true;
    this.#decisions.set(key, allowed, allowed ? allowedLifeMs : deniedLifeMs);
    return allowed;
  }
}
