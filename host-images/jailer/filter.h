#ifndef FILTER_H
#define FILTER_H

/*
 * Forbids calls that QEMU never needs and that the kernel's holes are reached by. QEMU's own filter (-sandbox) comes on
 * top of it and forbids new processes; this one also holds before QEMU has read its options.
 */
void filter_install(void);

#endif
