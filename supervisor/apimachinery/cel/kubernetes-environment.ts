import { Environment } from "./environment.ts";
import { authorizerLibrary } from "./library/authorizer.ts";
import { formatsLibrary } from "./library/formats.ts";
import { listsLibrary } from "./library/lists.ts";
import { networksLibrary } from "./library/networks.ts";
import { optionalsLibrary } from "./library/optionals.ts";
import { quantitiesLibrary } from "./library/quantities.ts";
import { regexLibrary } from "./library/regexes.ts";
import { semanticVersionsLibrary } from "./library/semantic-versions.ts";
import { setsLibrary } from "./library/sets.ts";
import { standardLibrary } from "./library/standard.ts";
import { stringsLibrary } from "./library/strings.ts";
import { urlsLibrary } from "./library/urls.ts";

/** What all expressions in Kubernetes 1.36 may name; extend it by variables (apiserver `cel/environment/base.go`). */
export const kubernetesEnvironment = new Environment({
  libraries: [
    standardLibrary,
    optionalsLibrary,
    stringsLibrary,
    listsLibrary,
    setsLibrary,
    regexLibrary,
    urlsLibrary,
    quantitiesLibrary,
    networksLibrary,
    formatsLibrary,
    semanticVersionsLibrary,
    authorizerLibrary,
  ],
});
