/** Everything that only a server with CustomResourceDefinitions needs: loaded with the first of them. */
export { converterOf } from "./converter-of.ts";
export { customResource, storagePrefixOf } from "./custom-resource.ts";
export { setAcceptance, setTerminating } from "./definition-status.ts";
export { deleteInstances, untilEmpty } from "./instance-deletion.ts";
