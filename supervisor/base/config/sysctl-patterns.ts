const form = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*([a-z0-9][-_a-z0-9]*\*?|\*)$/;
const namespaced = /^(kernel[./](sem|shm|msg)|fs[./]mqueue[./]|net[./])/;

/**
 * Reads sysctls between commas, each with a `*` at its end for any rest. Throws an error where one is not of the
 * kernel's namespaces, for what a Pod sets must be its own.
 */
export function parseSysctlPatterns(text: string): string[] {
  const patterns = text.split(",").filter((pattern) => pattern !== "");
  for (const pattern of patterns) {
    if (form.test(pattern) && namespaced.test(pattern)) continue;
    throw new Error(`${pattern} is not of kernel.sem, kernel.shm*, kernel.msg*, fs.mqueue.* and net.*`);
  }
  return patterns;
}
