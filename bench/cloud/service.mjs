// A small HTTP service that says which release it is: ready after BENCH_START_MS, gone at once on SIGTERM.
import { createServer } from 'node:http';

const { BENCH_PORT, BENCH_START_MS = '0', BENCH_RELEASE, BENCH_ILL, BENCH_DIES } = process.env;

process.on('SIGTERM', () => process.exit(0));
if (BENCH_DIES) process.exit(1);

setTimeout(
  () =>
    createServer((_request, response) => {
      response.writeHead(BENCH_ILL ? 503 : 200, { 'content-type': 'text/plain' });
      response.end(BENCH_RELEASE);
    }).listen(Number(BENCH_PORT), '127.0.0.1'),
  Number(BENCH_START_MS),
);
