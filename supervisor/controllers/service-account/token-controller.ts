import type { V1Secret, V1ServiceAccount } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { createInformer } from "../../client/informer.ts";
import { objectKey } from "../../client/object-store.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { legacyTokenClaims } from "./legacy-token-claims.ts";

const secretType = "kubernetes.io/service-account-token";
const nameAnnotation = "kubernetes.io/service-account.name";
const uidAnnotation = "kubernetes.io/service-account.uid";

export interface TokenControllerOptions {
  readonly caPem: string;
  /** Makes a token that says this. */
  signToken(claims: Readonly<Record<string, unknown>>): string;
}

/**
 * Fills in the Secrets that ask for the token of a ServiceAccount, and deletes them with it (kubernetes
 * `pkg/controller/serviceaccount/tokens_controller.go`).
 */
export class ServiceAccountTokenController implements Controller {
  readonly name = "serviceaccount-token-controller";
  readonly #environment: ControllerEnvironment;
  readonly #options: TokenControllerOptions;
  readonly #accounts: Informer<V1ServiceAccount>;
  readonly #secrets: Informer<V1Secret>;
  readonly #queue: WorkQueue;

  constructor(environment: ControllerEnvironment, options: TokenControllerOptions) {
    const { informers } = environment;
    this.#environment = environment;
    this.#options = options;
    this.#accounts = informers.informer<V1ServiceAccount>(resources.serviceAccounts);
    const indexers = { account: (secret: V1Secret) => [accountKey(secret)] };
    const selection = { fieldSelector: `type=${secretType}`, indexers };
    this.#secrets = createInformer<V1Secret>(informers.client, resources.secrets, selection, environment);
    this.#queue = new WorkQueue({ name: "serviceaccount-token", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = (secret: V1Secret): void => this.#queue.add(objectKey(secret));
    const addOf = (account: V1ServiceAccount): void => {
      for (const secret of this.#secrets.byIndex("account", objectKey(account))) add(secret);
    };
    this.#secrets.addHandlers({ onAdd: add, onUpdate: add });
    this.#accounts.addHandlers({ onAdd: addOf, onDelete: addOf });
    const stopped = this.#secrets.run(signal);
    if (await waitForSync(signal, this.#accounts, this.#secrets)) {
      await this.#queue.run(signal, 2, (key) => this.#handle(key));
    }
    await stopped;
  }

  async #handle(key: string): Promise<void> {
    const secret = this.#secrets.get(key);
    if (secret === undefined) return;
    const account = await this.#account(secret);
    const wantedUid = secret.metadata?.annotations?.[uidAnnotation];
    const isOrphan = account === undefined || (wantedUid && wantedUid !== account.metadata?.uid);
    try {
      await (isOrphan ? this.#delete(secret) : this.#fill(secret, account));
    } catch (error) {
      // A change that came first brings the Secret here again.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  /** Asks the API server where the local copy knows none: it may lag behind. */
  async #account(secret: V1Secret): Promise<V1ServiceAccount | undefined> {
    const known = this.#accounts.get(accountKey(secret));
    if (known !== undefined) return known;
    const { namespace = "", annotations } = secret.metadata ?? {};
    const accounts = this.#environment.client.resource<V1ServiceAccount>(
      resources.serviceAccounts,
      namespace,
    );
    try {
      return await accounts.get(annotations?.[nameAnnotation] ?? "");
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #delete({ metadata }: V1Secret): Promise<void> {
    const { name = "", namespace = "", uid } = metadata ?? {};
    const secrets = this.#environment.client.resource<V1Secret>(resources.secrets, namespace);
    await secrets.delete(name, uid === undefined ? {} : { uid });
  }

  async #fill(secret: V1Secret, { metadata: account }: V1ServiceAccount): Promise<void> {
    const { namespace = "", name = "", annotations } = secret.metadata ?? {};
    const { name: accountName = "", uid = "" } = account ?? {};
    const encode = (text: string): string => Buffer.from(text).toString("base64");
    const missing = {
      ...(secret.data?.["ca.crt"] === encode(this.#options.caPem)
        ? {}
        : { "ca.crt": encode(this.#options.caPem) }),
      ...(secret.data?.namespace === encode(namespace) ? {} : { namespace: encode(namespace) }),
      ...(secret.data?.token
        ? {}
        : { token: encode(this.#token(namespace, name, { name: accountName, uid })) }),
    };
    if (Object.keys(missing).length === 0 && annotations?.[uidAnnotation] === uid) return;
    const secrets = this.#environment.client.resource<V1Secret>(resources.secrets, namespace);
    await secrets.update({
      ...secret,
      metadata: {
        ...secret.metadata,
        annotations: { ...annotations, [nameAnnotation]: accountName, [uidAnnotation]: uid },
      },
      data: { ...secret.data, ...missing },
    });
  }

  #token(
    namespace: string,
    secret: string,
    account: { readonly name: string; readonly uid: string },
  ): string {
    return this.#options.signToken(legacyTokenClaims({ namespace, secret, account }));
  }
}

function accountKey({ metadata }: V1Secret): string {
  return `${metadata?.namespace ?? ""}/${metadata?.annotations?.[nameAnnotation] ?? ""}`;
}
