/** The tunnel that a host opens to its supervisor: HTTP Upgrade, then the frames of `mux/` with the host as dialler. */
export const tunnelPath = "/pacific/v1/tunnel";
export const tunnelProtocol = "pacific-tunnel/1";
