import { describe, expect, it } from 'vitest';
import {
  goesBy,
  identityOfContainer,
  identityOfImage,
  isSameBuild,
} from '../../src/engine/image-identity.js';
import { containerInspect, imageInspect } from '../../src/engine/inspect.js';
import { aContainer } from './inspect-builder.js';

const hex = (letter: string): string => letter.repeat(64);
const CONFIG = `sha256:${hex('c')}`;
const MANIFEST = `sha256:${hex('a')}`;
const INDEX = `sha256:${hex('1')}`;
const OTHER = `sha256:${hex('e')}`;

const image = (Id: string, more: object = {}) => identityOfImage(imageInspect.parse({ Id, ...more }));
const container = (Image: string, more: object = {}) =>
  identityOfContainer(containerInspect.parse({ ...aContainer(), Image, ...more }));

/** One build as each kind of engine shows it. */
const SAME: readonly (readonly [string, ReturnType<typeof container>, ReturnType<typeof image>])[] = [
  ['a classic engine', container(CONFIG), image(CONFIG, { RepoDigests: [`r/i@${MANIFEST}`] })],
  [
    'images in containerd, pulled by manifest',
    container(MANIFEST),
    image(MANIFEST, { RepoDigests: [`r/i@${MANIFEST}`] }),
  ],
  [
    'images in containerd, pulled by index',
    container(INDEX),
    image(INDEX, { Descriptor: { digest: INDEX } }),
  ],
  [
    'images in containerd, where only the container knows its manifest',
    container(INDEX, { ImageManifestDescriptor: { digest: MANIFEST } }),
    image(MANIFEST),
  ],
  ['images in containerd that lost their tag', container(MANIFEST), image(MANIFEST, { RepoDigests: [] })],
  ['Podman, which leaves the prefix out', container(hex('c')), image(CONFIG)],
];

describe('a build', () => {
  it.each(SAME)('is recognised on %s', (_name, one, other) => {
    expect([isSameBuild(one, other), isSameBuild(other, one)]).toEqual([true, true]);
  });

  it.each(SAME)('is not taken for another on %s', (_name, one, other) => {
    const foreign = image(OTHER, { RepoDigests: [`r/i@sha256:${hex('f')}`], Descriptor: { digest: OTHER } });
    expect([isSameBuild(one, foreign), isSameBuild(foreign, other)]).toEqual([false, false]);
  });

  it('goes by its id, its manifest and its index, from whichever repository', () => {
    const one = image(CONFIG, { RepoDigests: [`r/i@${MANIFEST}`, `mirror:5000/i@${INDEX}`] });
    expect([CONFIG, MANIFEST, INDEX, OTHER].map((name) => goesBy(one, name))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('is not known by nothing: what tells no digest is no build at all', () => {
    const nothing = container('');
    expect([nothing.size, isSameBuild(nothing, nothing), isSameBuild(nothing, image(CONFIG))]).toEqual([
      0,
      false,
      false,
    ]);
  });
});
