/** Every Pod runs as a ServiceAccount that is there (kubernetes `plugin/pkg/admission/serviceaccount`). */
import type { V1ServiceAccount } from "../../../api/generated/types.ts";
import { newForbidden } from "../../../apimachinery/status-errors.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Pod } from "../../../registry/core/pod/pod-strategy.ts";
import type { AccountCache, AccountFacts } from "../../authentication/service-account/account-cache.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { writtenObject } from "../written-object.ts";
import { secretComplaint } from "./mountable-secrets.ts";
import { mountToken, wantsToken } from "./token-volume.ts";

const defaultAccount = "default";
const mirrorAnnotation = "kubernetes.io/config.mirror";
const enforceAnnotation = "kubernetes.io/enforce-mountable-secrets";
/** The account of a new namespace is made by a controller: so long a Pod waits for it. */
const patienceMs = 1500;

type Spec = NonNullable<Pod["spec"]>;

export function serviceAccount(accounts: AccountCache, clock: Clock): AdmissionPlugin {
  return {
    name: "ServiceAccount",
    admit(request) {
      const pod = newPod(request);
      if (pod?.spec === undefined || isMirror(pod)) return undefined;
      const { spec } = pod;
      spec.serviceAccountName ||= defaultAccount;
      spec.serviceAccount = spec.serviceAccountName;
      const { namespace } = request.context.info;
      const known = accounts.get(`${namespace}/${spec.serviceAccountName}`);
      if (known !== undefined) return fill(request, spec, known.object);
      return waited(accounts, clock, request, spec).then((account) => fill(request, spec, account.object));
    },
    validate(request) {
      const pod = newPod(request);
      if (pod?.spec === undefined) return;
      const complaint = isMirror(pod) ? mirrorComplaint(pod.spec) : podComplaint(accounts, request, pod.spec);
      if (complaint !== undefined) throw refuse(request, pod, complaint);
    },
  };
}

function newPod(request: AdmissionRequest): Pod | undefined {
  return request.operation === "CREATE" ? writtenObject<Pod>(request, "", "pods") : undefined;
}

/** A Pod that a node shows of those that it runs by itself. */
function isMirror({ metadata }: Pod): boolean {
  return metadata.annotations?.[mirrorAnnotation] !== undefined;
}

function refuse({ context }: AdmissionRequest, pod: Pod, why: string): Error {
  return newForbidden(context.store.groupResource, pod.metadata.name ?? "", why);
}

/** The Pod takes the account's token, and where it names no Secrets for pulling images those of the account. */
function fill({ context }: AdmissionRequest, spec: Spec, account: V1ServiceAccount): void {
  const { imagePullSecrets = [] } = account;
  if (wantsToken(spec, account)) mountToken(spec, () => context.services.nameSuffix());
  if ((spec.imagePullSecrets ?? []).length > 0 || imagePullSecrets.length === 0) return;
  spec.imagePullSecrets = imagePullSecrets.map((reference) => ({ ...reference }));
}

/** The account, once it is made; only the default one is waited for. Throws Forbidden. */
async function waited(
  accounts: AccountCache,
  clock: Clock,
  request: AdmissionRequest,
  { serviceAccountName: name = "" }: Spec,
): Promise<AccountFacts> {
  const { namespace } = request.context.info;
  const id = `${namespace}/${name}`;
  const account = name === defaultAccount ? await appearance(accounts, clock, id) : undefined;
  if (account !== undefined) return account;
  // Decoding made this a Pod.
  throw refuse(request, request.object as unknown as Pod, missing(namespace, name));
}

function missing(namespace: string, name: string): string {
  return `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`;
}

function appearance(accounts: AccountCache, clock: Clock, id: string): Promise<AccountFacts | undefined> {
  return new Promise((resolve) => {
    const finish = (account: AccountFacts | undefined): void => {
      cancel();
      stop();
      resolve(account);
    };
    const cancel = clock.after(patienceMs, () => finish(undefined));
    const stop = accounts.onChange((changed, account) => {
      if (changed === id && account !== undefined) finish(account);
    });
  });
}

function podComplaint(accounts: AccountCache, request: AdmissionRequest, spec: Spec): string | undefined {
  const { namespace } = request.context.info;
  const { serviceAccountName: name = "" } = spec;
  const account = accounts.get(`${namespace}/${name}`)?.object;
  if (account === undefined) return missing(namespace, name);
  if (account.metadata?.annotations?.[enforceAnnotation] !== "true") return undefined;
  return secretComplaint(spec, account);
}

function mirrorComplaint({ serviceAccountName, volumes = [] }: Spec): string | undefined {
  if (serviceAccountName) return "a mirror pod may not reference service accounts";
  const sources = volumes.flatMap(({ projected }) => projected?.sources ?? []);
  if (!sources.some(({ serviceAccountToken }) => serviceAccountToken !== undefined)) return undefined;
  return "a mirror pod may not use ServiceAccountToken volume projections";
}
