// An API that stops like uWSGI in Kolla: SIGTERM closes its port, requests that are under way are answered first, and
// every answer ends its connection. `/slow?ms=3000` takes that long; whatever else is asked is answered at once.
import { createServer } from 'node:http';

const { API_ADDRESS, API_PORT, API_RELEASE } = process.env;

const answer = (response) => {
  response.writeHead(200, { 'content-type': 'text/plain', connection: 'close' });
  response.end(API_RELEASE);
};

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://api');
  if (pathname === '/slow') setTimeout(answer, Number(searchParams.get('ms')), response);
  else answer(response);
});
server.listen({ host: API_ADDRESS, port: Number(API_PORT), backlog: 1_024 });
process.on('SIGTERM', () => server.close(() => process.exit(0)));
