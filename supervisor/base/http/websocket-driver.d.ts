/** The part of websocket-driver that is used here; the package brings no types. */
declare module "websocket-driver" {
  interface Driver {
    readonly io: {
      on(event: "data", listener: (bytes: Buffer) => void): void;
      write(bytes: Buffer): boolean;
    };
    start(): boolean;
    binary(bytes: Buffer): boolean;
    text(text: string): boolean;
    ping(message?: string): boolean;
    close(reason: string, code: number): boolean;
    on(event: "message", listener: (event: { readonly data: Buffer | string }) => void): void;
    on(event: "close", listener: (event: { readonly code: number; readonly reason: string }) => void): void;
    on(event: "error", listener: (error: Error) => void): void;
  }
  interface Options {
    readonly protocols: readonly string[];
    readonly maxLength: number;
  }
  const websocket: {
    http(
      request: {
        readonly method: string;
        readonly url: string;
        readonly headers: Readonly<Record<string, string>>;
      },
      options: Options,
    ): Driver;
    client(url: string, options: Pick<Options, "protocols">): Driver;
  };
  export default websocket;
}
