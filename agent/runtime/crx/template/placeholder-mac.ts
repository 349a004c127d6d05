/** The hardware address of a machine that is nobody yet: a clone's guest sets its own. */
export const placeholderMac = "02:00:00:00:00:01";
