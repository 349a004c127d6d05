/** What the sender of a request, or a service account, may do (apiserver `cel/library/authz.go`). */
import { type CallCost, declare, type Library } from "../declarations.ts";
import { costSize, traversal } from "../sizes.ts";
import { objectType } from "../types.ts";
import { CelForeign, type CelValue } from "../values.ts";
import { foreign, text } from "./arguments.ts";

/** What is asked of an authorizer. */
export type AccessQuestion =
  | { readonly isResource: false; readonly verb: string; readonly path: string }
  | (ResourceSubject & { readonly isResource: true; readonly verb: string });

export interface ResourceSubject {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Selectors as texts; empty for none. */
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

interface AccessAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  /** What went wrong while finding out; empty for nothing. */
  readonly error: string;
}

/** Answers for one user, and knows how to ask for a service account instead. */
export interface AccessReviewer {
  ask(question: AccessQuestion): AccessAnswer;
  asServiceAccount(namespace: string, name: string): AccessReviewer;
}

export class AuthorizerValue extends CelForeign {
  readonly typeName = "kubernetes.authorization.Authorizer";
  readonly reviewer: AccessReviewer;

  constructor(reviewer: AccessReviewer) {
    super();
    this.reviewer = reviewer;
  }

  equals(other: CelForeign): boolean {
    return this === other;
  }
}

class PathCheck extends CelForeign {
  readonly typeName = "kubernetes.authorization.PathCheck";
  readonly reviewer: AccessReviewer;
  readonly path: string;

  constructor(reviewer: AccessReviewer, path: string) {
    super();
    this.reviewer = reviewer;
    this.path = path;
  }

  equals(other: CelForeign): boolean {
    return this === other;
  }
}

class GroupCheck extends CelForeign {
  readonly typeName = "kubernetes.authorization.GroupCheck";
  readonly reviewer: AccessReviewer;
  readonly group: string;

  constructor(reviewer: AccessReviewer, group: string) {
    super();
    this.reviewer = reviewer;
    this.group = group;
  }

  equals(other: CelForeign): boolean {
    return this === other;
  }
}

export class ResourceCheck extends CelForeign {
  readonly typeName = "kubernetes.authorization.ResourceCheck";
  readonly reviewer: AccessReviewer;
  readonly subject: ResourceSubject;

  constructor(reviewer: AccessReviewer, subject: ResourceSubject) {
    super();
    this.reviewer = reviewer;
    this.subject = subject;
  }

  with(part: Partial<ResourceSubject>): ResourceCheck {
    return new ResourceCheck(this.reviewer, { ...this.subject, ...part });
  }

  equals(other: CelForeign): boolean {
    return this === other;
  }
}

class Decision extends CelForeign {
  readonly typeName = "kubernetes.authorization.Decision";
  readonly answer: AccessAnswer;

  constructor(answer: AccessAnswer) {
    super();
    this.answer = answer;
  }

  equals(other: CelForeign): boolean {
    return this === other;
  }
}

/** Two checks are as many as an expression can afford. */
const checkCost: CallCost = () => 350_000;

/** Reading a selector, and a requirement for every two characters. */
const selectorCost: CallCost = ([, selector]) => {
  const size = costSize(selector);
  return 10 + traversal(size) + Math.ceil(Math.ceil(size * 0.5) * 50);
};

const anything = {
  version: "*",
  subresource: "",
  namespace: "",
  name: "",
  fieldSelector: "",
  labelSelector: "",
};

function check(value: CelValue | undefined, verb: string): Decision {
  if (value instanceof PathCheck) {
    return new Decision(value.reviewer.ask({ isResource: false, verb, path: value.path }));
  }
  const { reviewer, subject } = foreign(ResourceCheck, value);
  return new Decision(reviewer.ask({ ...subject, isResource: true, verb }));
}

const authorizer = "kubernetes.authorization.Authorizer";
const pathCheck = "kubernetes.authorization.PathCheck";
const groupCheck = "kubernetes.authorization.GroupCheck";
const resourceCheck = "kubernetes.authorization.ResourceCheck";
const decision = "kubernetes.authorization.Decision";

/** A function that narrows a check. */
function narrowing(name: string, field: keyof ResourceSubject, cost?: CallCost) {
  return declare(
    name,
    {
      [`${resourceCheck}.(string) -> ${resourceCheck}`]: ([value, part]) =>
        foreign(ResourceCheck, value).with({ [field]: text(part) }),
    },
    cost,
  );
}

export const authorizerLibrary: Library = {
  typeNames: Object.fromEntries(
    [authorizer, pathCheck, groupCheck, resourceCheck, decision].map((name) => [name, objectType(name)]),
  ),
  functions: [
    declare("path", {
      [`${authorizer}.(string) -> ${pathCheck}`]: ([value, path]) =>
        new PathCheck(foreign(AuthorizerValue, value).reviewer, text(path)),
    }),
    declare("group", {
      [`${authorizer}.(string) -> ${groupCheck}`]: ([value, group]) =>
        new GroupCheck(foreign(AuthorizerValue, value).reviewer, text(group)),
    }),
    declare("serviceAccount", {
      [`${authorizer}.(string, string) -> ${authorizer}`]: ([value, namespace, name]) =>
        new AuthorizerValue(
          foreign(AuthorizerValue, value).reviewer.asServiceAccount(text(namespace), text(name)),
        ),
    }),
    declare("resource", {
      [`${groupCheck}.(string) -> ${resourceCheck}`]: ([value, resource]) => {
        const { reviewer, group } = foreign(GroupCheck, value);
        return new ResourceCheck(reviewer, { ...anything, group, resource: text(resource) });
      },
    }),
    narrowing("subresource", "subresource"),
    narrowing("namespace", "namespace"),
    narrowing("name", "name"),
    narrowing("fieldSelector", "fieldSelector", selectorCost),
    narrowing("labelSelector", "labelSelector", selectorCost),
    declare(
      "check",
      {
        [`${pathCheck}.(string) -> ${decision}`]: ([value, verb]) => check(value, text(verb)),
        [`${resourceCheck}.(string) -> ${decision}`]: ([value, verb]) => check(value, text(verb)),
      },
      checkCost,
    ),
    declare("errored", {
      [`${decision}.() -> bool`]: ([value]) => foreign(Decision, value).answer.error !== "",
    }),
    declare("error", { [`${decision}.() -> string`]: ([value]) => foreign(Decision, value).answer.error }),
    declare("allowed", { [`${decision}.() -> bool`]: ([value]) => foreign(Decision, value).answer.allowed }),
    declare("reason", { [`${decision}.() -> string`]: ([value]) => foreign(Decision, value).answer.reason }),
  ],
};
