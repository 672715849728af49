import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DockerOptions, dockerEngine } from '../../src/engine/docker.js';
import { type Engine, EngineError } from '../../src/engine/port.js';

export type Asked = {
  readonly method: string;
  /** Without the API's version. */
  readonly url: string;
  /** Of the API, where the request names one. */
  readonly version?: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};
export type Answer = (response: ServerResponse, asked: Asked) => void;

/** A tiny HTTP server on a unix socket that answers as an engine should not. */
export type FakeEngine = {
  readonly engine: Engine;
  readonly socketPath: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
};

export const json =
  (status: number, body: unknown): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

export const garbage: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('<html>502 from a proxy</html>');
};

export const hang: Answer = () => undefined;

/** Takes the request and hangs up without a word. */
export const reset: Answer = (response) => {
  response.destroy();
};

/** Promises more bytes than it sends, then hangs up. */
export const cutInBody: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
  response.write('{"Id":"', () => setTimeout(() => response.destroy(), 20));
};

/** Lines of a stream, as the engine sends a pull's progress. */
export const lines =
  (...all: readonly unknown[]): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      all.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\r\n`)).join(''),
    );
  };

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

/** What it says of itself where a test gives it no other answer; that question is not among `asked` then. */
const VERSION = json(200, { Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12' });

/** Answers by `METHOD /path` (without the API's version and the query); what it has no answer for is a 404. */
export const fakeEngine = async (
  answers: Record<string, Answer>,
  options: Partial<DockerOptions> = {},
): Promise<FakeEngine> => {
  const folder = mkdtempSync(join(tmpdir(), 'stackswap-fake-'));
  const socketPath = join(folder, 'engine.sock');
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method = '', url: full = '', headers } = request;
      const [, version, url = full] = /^\/v(\d+\.\d+)(\/.*)$/.exec(full) ?? [];
      const one = { method, url, headers, body, ...(version ? { version } : {}) };
      const line = `${method} ${url.split('?')[0]}`;
      if (line === 'GET /version' && !answers[line]) return VERSION(response, one);
      asked.push(one);
      const answer = answers[line] ?? json(404, { message: 'no such thing' });
      return answer(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const deadlines = {
    look: 400,
    create: 400,
    change: 400,
    start: 400,
    stop: 400,
    registry: 400,
    pullSilence: 400,
  };
  return {
    engine: dockerEngine({
      host: 'fake',
      address: { socketPath },
      deadlines,
      env: { DOCKER_CONFIG: folder },
      ...options,
    }),
    socketPath,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
};

/** The `EngineError` that the work must end with. */
export const failureOf = async (work: Promise<unknown>): Promise<EngineError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof EngineError) return error;
  throw new Error(`expected an EngineError, got ${String(error)}`);
};
