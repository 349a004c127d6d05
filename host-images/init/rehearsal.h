/*
 * A container for the sake of what it makes run: under an emulator a machine does everything quicker the second time.
 * PID 1's own program is its image, and does what programs do when they start.
 */
#pragma once

#define REHEARSAL_DISK "rehearsal"
#define REHEARSAL_NAME "/rehearse"

/* Puts the image in its place among the disks, for a host that asks for such a container. */
void rehearsal_prepare(void);

/* What PID 1's program does under the name REHEARSAL_NAME. With no argument (`count` is 1) it does all that it can, and
   starts itself once more as a shell starts a program; with one it is that child, which only uses some memory. */
_Noreturn void rehearse(int count);
