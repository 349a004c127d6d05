/** Begins the WebSocket protocol that carries a browser's token, which can set no header of its own. */
export const tokenProtocol = "base64url.bearer.authorization.k8s.io.";
