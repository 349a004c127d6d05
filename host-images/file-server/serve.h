/* The conversation with one client. */
#pragma once

/* Answers requests until the client is gone (0) or breaks the protocol (1). */
int serve(int socket);
