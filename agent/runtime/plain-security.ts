import type { ContainerSecurity } from "./runtime.ts";

/** What a container runs with when nobody asks for anything: as the image's root, with a runtime's usual capabilities. */
export const plainSecurity: ContainerSecurity = {
  user: "",
  supplementalGroups: [],
  readOnlyRootFilesystem: false,
  privileged: false,
  noNewPrivileges: false,
  addCapabilities: [],
  dropCapabilities: [],
};
