const prefix = "kubernetes.io/serviceaccount";

export interface LegacyTokenSubject {
  readonly namespace: string;
  readonly account: { readonly name: string; readonly uid: string };
  /** The name of the Secret that holds the token. */
  readonly secret: string;
}

/** What a token says that stands in a Secret and ends with it (kubernetes `pkg/serviceaccount/legacy.go`). */
export function legacyTokenClaims({ namespace, account, secret }: LegacyTokenSubject) {
  return {
    iss: "kubernetes/serviceaccount",
    [`${prefix}/namespace`]: namespace,
    [`${prefix}/secret.name`]: secret,
    [`${prefix}/service-account.name`]: account.name,
    [`${prefix}/service-account.uid`]: account.uid,
    sub: `system:serviceaccount:${namespace}:${account.name}`,
  };
}
