/** The waiting reasons of a container that could not start, as the kubelet words them. */
export type ContainerErrorReason =
  | "ErrImagePull"
  | "ImagePullBackOff"
  | "InvalidImageName"
  | "ErrImageNeverPull"
  | "ImageInspectError"
  | "CreateContainerConfigError"
  | "CreateContainerError"
  | "RunContainerError"
  | "PostStartHookError"
  | "CrashLoopBackOff";

/** Why a container could not start, as its status will say it. */
export class ContainerStartError extends Error {
  override readonly name = "ContainerStartError";
  constructor(
    readonly reason: ContainerErrorReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
