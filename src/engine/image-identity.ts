import type { ContainerInspect, ImageInspect } from './inspect.js';

/**
 * The digests that one build goes by. A classic engine calls an image by the digest of its configuration; one whose
 * images lie in containerd (Docker 25 and newer can, 29 does by itself) by that of its manifest, or of its index where
 * it was pulled by one. A registry knows the latter two only. Digests are of the content: two builds share none.
 */
export type ImageIdentity = ReadonlySet<string>;

/** `sha256:…`, `repository@sha256:…` or, from Podman, the digits alone. */
const digits = (name: string): string =>
  name
    .split('@')
    .at(-1)
    ?.replace(/^sha256:/, '') ?? name;

const identity = (...names: readonly (string | undefined)[]): ImageIdentity =>
  new Set(names.filter((name) => name !== undefined && name !== '').map((name) => digits(name ?? '')));

export const identityOfImage = ({ Id, Descriptor, RepoDigests }: ImageInspect): ImageIdentity =>
  identity(Id, Descriptor?.digest, ...(RepoDigests ?? []));

/** Of the image that a container was created from, as the container itself tells it. */
export const identityOfContainer = ({ Image, ImageManifestDescriptor }: ContainerInspect): ImageIdentity =>
  identity(Image, ImageManifestDescriptor?.digest);

export const isSameBuild = (one: ImageIdentity, other: ImageIdentity): boolean =>
  [...one].some((digest) => other.has(digest));

/** Whether an image or a container is the build that a registry or a plan calls by this digest or image id. */
export const goesBy = (one: ImageIdentity, name: string): boolean => one.has(digits(name));
