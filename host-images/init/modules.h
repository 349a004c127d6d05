/* Kernel modules in the initramfs: only Debian's cloud kernel needs them. */
#pragma once

/* Loads those that /modules/order lists, in its order, and removes them from memory. Nothing without that file. */
void modules_load(void);
