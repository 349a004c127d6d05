/** A clone answers within a second; a quarter of what a boot may take leaves time for the boot instead of it. */
export const cloneShare = 0.25;
