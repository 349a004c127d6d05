/* Bytes between a port and a socket, in a process of its own. */
#pragma once

/* Carries them both ways until one end is closed, then ends the process. */
_Noreturn void relay_bytes(int port, int socket);
