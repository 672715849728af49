import type { RealDocker } from './real-docker.js';

/** Two builds of one application that differ in every default that an image can give. */
const OLD_IMAGE = [
  'ENV PATH=/bin IMAGE_VERSION=1 SHARED=from-image-1 GONE=only-in-1',
  'CMD ["/bin/sh","-c","echo one; exec sleep 1000"]',
  'LABEL version=1 maker=image1',
  'USER 0',
  'WORKDIR /data',
  'EXPOSE 1111',
  'VOLUME /image-data',
  'STOPSIGNAL SIGKILL',
  'HEALTHCHECK --interval=40s --timeout=3s --retries=5 CMD /bin/true',
];
export const NEW_IMAGE = [
  'ENV PATH=/bin IMAGE_VERSION=2 SHARED=from-image-2 FRESH=only-in-2',
  'CMD ["/bin/sh","-c","echo two; exec sleep 1000"]',
  'LABEL version=2 builder=image2',
  'USER 0',
  'WORKDIR /run',
  'EXPOSE 2222',
  'VOLUME /image-data',
  'STOPSIGNAL SIGTERM',
  'HEALTHCHECK --interval=50s --timeout=4s --retries=6 CMD /bin/busybox true',
];

export const twoImages = async (real: RealDocker): Promise<{ old: string; next: string }> => ({
  old: await real.image('app:1', OLD_IMAGE),
  next: await real.image('app:2', NEW_IMAGE),
});
