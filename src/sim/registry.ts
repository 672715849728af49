import { fullRef, type SimImage, splitRef } from './image.js';

/** One registry for the whole cloud. A tag may be moved; digests stay. */
export type Registry = {
  /** Makes `ref` mean `image` from now on. */
  push(ref: string, image: SimImage): void;
  /** Takes the tag away; the digest can still be pulled. */
  untag(ref: string): void;
  find(ref: string, digest?: string): SimImage | undefined;
};

export const registry = (): Registry => {
  const tags = new Map<string, SimImage>();
  const manifests = new Map<string, SimImage>();
  const manifestKey = (ref: string, digest: string): string => `${splitRef(ref).repo}@${digest}`;
  return {
    push: (ref, image) => {
      tags.set(fullRef(ref), image);
      manifests.set(manifestKey(ref, image.digest), image);
    },
    untag: (ref) => void tags.delete(fullRef(ref)),
    find: (ref, digest = splitRef(ref).digest) =>
      digest === undefined ? tags.get(fullRef(ref)) : manifests.get(manifestKey(ref, digest)),
  };
};

/** The images of one host, by reference. Pulling a moved tag leaves the old image there without it. */
export type ImageStore = {
  add(ref: string, image: SimImage, fromRegistry: boolean): void;
  /** By reference, id, unambiguous beginning of an id, or `repo@digest`. */
  find(ref: string): SimImage | undefined;
  tagsOf(image: SimImage): string[];
  digestsOf(image: SimImage): string[];
  /** As `docker image rm` does; whoever still uses it keeps running. */
  remove(id: string): void;
};

export const imageStore = (): ImageStore => {
  const images = new Map<string, SimImage>();
  const tags = new Map<string, string>();
  const digests = new Map<string, string>();
  const keysOf = (map: Map<string, string>, id: string): string[] =>
    [...map].filter(([, of]) => of === id).map(([key]) => key);
  const byId = (ref: string): SimImage | undefined => {
    const hex = ref.replace(/^sha256:/, '');
    if (!/^[0-9a-f]{4,64}$/.test(hex)) return undefined;
    return (
      images.get(`sha256:${hex}`) ??
      [...images.values()].find((image) => image.id.startsWith(`sha256:${hex}`))
    );
  };
  return {
    add: (ref, image, fromRegistry) => {
      images.set(image.id, image);
      tags.set(fullRef(ref), image.id);
      if (fromRegistry) digests.set(`${splitRef(ref).repo}@${image.digest}`, image.id);
    },
    find: (ref) => {
      const { repo, digest } = splitRef(ref);
      const id = digest === undefined ? tags.get(fullRef(ref)) : digests.get(`${repo}@${digest}`);
      return id === undefined ? byId(ref) : images.get(id);
    },
    tagsOf: (image) => keysOf(tags, image.id),
    digestsOf: (image) => keysOf(digests, image.id),
    remove: (id) => {
      images.delete(id);
      for (const map of [tags, digests]) for (const key of keysOf(map, id)) map.delete(key);
    },
  };
};
