// The services themselves: an API that answers its version, a worker with a connection to the message bus, the bus.
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { misfit } from './schema.mjs';
import { projectOf, RELEASE, readIni } from './settings.mjs';

/** A release whose API starts and listens, and never becomes healthy. */
const isBroken = () => process.env.DEMO_BROKEN === '1';

const stopOn = (end) => {
  for (const signal of ['SIGTERM', 'SIGINT'])
    process.on(signal, () => {
      console.log(`INFO oslo_service.service [-] Caught ${signal}, exiting`);
      end();
      process.exit(0);
    });
};

/** Judged once, when the process starts: one that runs goes on with a schema that moves under it. */
const problemOf = (project) =>
  isBroken() ? 'the service catalogue cannot be loaded' : misfit(project, RELEASE);

/** Well by its health path while no request of a client works, as with a wrong password in its configuration. */
const isLying = () => process.env.DEMO_LIES === '1';

const row = (binary, host) => ({
  binary,
  host,
  state: 'up',
  status: 'enabled',
  updated_at: new Date().toISOString(),
});

/** Cheap reads in the shape of the real ones; who asks is not looked at. */
const READS = {
  glance: { images: () => [] },
  placement: { resource_providers: () => [] },
  cinder: {
    volumes: () => [],
    get_pools: () => [{ name: 'control01@demo#demo' }],
    'os-services': () => [row('cinder-scheduler', 'control01'), row('cinder-volume', 'control01@demo')],
  },
};
const KEYS = { get_pools: 'pools', 'os-services': 'services' };

const readOf = (project, path) => {
  const name = path.split('/').at(-1);
  const read = READS[project]?.[name];
  if (!read) return undefined;
  return isLying()
    ? {
        status: 503,
        body: { message: 'The server is currently unavailable. Please try again at a later time.' },
      }
    : { status: 200, body: { [KEYS[name] ?? name]: read() } };
};

const answerOf = ({ path, project, problem }) => {
  if (problem)
    return { status: 503, body: { error: { code: 503, title: 'Service Unavailable', message: problem } } };
  if (path === '/healthcheck') return { status: 200, body: 'OK' };
  const read = readOf(project, path);
  if (read) return read;
  const version = { id: 'v3', status: 'CURRENT', release: RELEASE, updated: `${RELEASE} of the demo` };
  return {
    status: path === '/' ? 200 : 404,
    body:
      path === '/' ? { service: project, release: RELEASE, versions: [version] } : { error: { code: 404 } },
  };
};

const serveApi = (program, settings) => {
  const project = projectOf(program);
  const problem = problemOf(project);
  const server = createHttpServer((request, response) => {
    const { pathname: path } = new URL(request.url ?? '/', 'http://demo');
    const { status, body } = answerOf({ path, project, problem });
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  server.listen(Number(settings.bind_port), settings.bind_host, () =>
    console.log(`INFO ${program} [-] ${RELEASE} listening on ${settings.bind_host}:${settings.bind_port}`),
  );
  if (problem) console.error(`ERROR ${program} [-] ${problem}; answering 503`);
  stopOn(() => server.close());
};

const serveWorker = (program, settings) => {
  const join = () => {
    const bus = connect({ host: '127.0.0.1', port: Number(settings.rabbit_port) });
    bus.on('connect', () =>
      console.log(`INFO oslo.messaging [-] ${program} ${RELEASE} connected to the message bus`),
    );
    bus.on('error', (error) =>
      console.error(`ERROR oslo.messaging [-] AMQP server is unreachable: ${error.message}`),
    );
    bus.on('close', () => setTimeout(join, 500));
  };
  join();
  stopOn(() => undefined);
};

const serveBus = (settings) => {
  const server = createTcpServer((socket) => socket.on('error', () => socket.destroy()).resume());
  server.listen(Number(settings.rabbit_port), '127.0.0.1');
  stopOn(() => server.close());
};

export const serve = (program) => {
  process.title = program;
  const settings = readIni(`/etc/${projectOf(program)}/${projectOf(program)}.conf`);
  if (program === 'rabbitmq') serveBus(settings);
  else if (settings.bind_port) serveApi(program, settings);
  else serveWorker(program, settings);
};
