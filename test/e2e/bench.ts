import type { RealDocker } from '../engine/real-docker.js';

/** Two builds of one release of cinder-api; its web server answers the health path at Kolla's port. */
export const buildTwo = async (real: RealDocker): Promise<{ old: string; next: string }> => {
  const build = (tag: string): Promise<string> =>
    real.image(`cinder-api:${tag}`, [
      `ENV BUILD=${tag}`,
      'VOLUME /var/lib/cinder',
      'RUN ["mkdir", "/www"]',
      `RUN ["sh", "-c", "echo ${tag} > /www/healthcheck"]`,
      'HEALTHCHECK --interval=5s CMD ["wget", "-q", "-O", "-", "http://127.0.0.1:8776/healthcheck"]',
      // As process 1 the server would not know SIGTERM.
      'CMD ["sh", "-c", "trap \\"exit 0\\" TERM; httpd -p 8776 -h /www; while true; do sleep 0.1; done"]',
    ]);
  return { old: await build('2025.1-a'), next: await build('2025.1-b') };
};
