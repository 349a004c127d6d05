import { Environment } from "./environment.ts";
import { authorizerLibrary } from "./library/authorizer.ts";
import { listsLibrary } from "./library/lists.ts";
import { optionalsLibrary } from "./library/optionals.ts";
import { regexLibrary } from "./library/regexes.ts";
import { setsLibrary } from "./library/sets.ts";
import { standardLibrary } from "./library/standard.ts";
import { stringsLibrary } from "./library/strings.ts";

/** What all expressions in Kubernetes 1.36 may name; extend it by variables (apiserver `cel/environment/base.go`). */
export const kubernetesEnvironment = new Environment({
  libraries: [
    standardLibrary,
    optionalsLibrary,
    stringsLibrary,
    listsLibrary,
    setsLibrary,
    regexLibrary,
    authorizerLibrary,
  ],
});
