// Kolla's healthcheck_curl, healthcheck_port and healthcheck_listen.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { get } from 'node:http';
import { basename } from 'node:path';

const ESTABLISHED = '01';
const LISTENING = '0A';

const orEmpty = (read) => {
  try {
    return read();
  } catch (error) {
    // A process that ended while its files were being read.
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(error.code)) return [];
    throw error;
  }
};

/** Inodes of the sockets of every process with that name; the kernel keeps 15 characters of it. */
const socketsOf = (name) =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter(
      (pid) => String(orEmpty(() => readFileSync(`/proc/${pid}/comm`, 'utf8'))).trim() === name.slice(0, 15),
    )
    .flatMap((pid) =>
      orEmpty(() =>
        readdirSync(`/proc/${pid}/fd`).map((fd) => orEmpty(() => readlinkSync(`/proc/${pid}/fd/${fd}`))),
      ),
    )
    .map((link) => /^socket:\[(\d+)\]$/.exec(String(link))?.[1])
    .filter((inode) => inode !== undefined);

/** Whether the process has a TCP socket in that state, with the port on either side. */
const hasSocket = ({ name, port, state }) => {
  const inodes = new Set(socketsOf(name));
  const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .some(
      (columns) =>
        columns[3] === state &&
        inodes.has(columns[9]) &&
        [columns[1], columns[2]].some((end) => Number.parseInt(end?.split(':')[1] ?? '', 16) === port),
    );
};

/** By node:http, since the first `fetch` of a process loads a whole client. */
const curl = (url) =>
  new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: 10_000 }, (answer) => {
      answer
        .on('data', (chunk) => process.stdout.write(chunk))
        .on('end', () => resolve(answer.statusCode < 400));
    });
    request.on('timeout', () => request.destroy(new Error('no answer in 10 s'))).on('error', reject);
  });

const [first = '', second = ''] = process.argv.slice(2);
const checks = {
  healthcheck_curl: () => curl(first),
  healthcheck_port: () => hasSocket({ name: first, port: Number(second), state: ESTABLISHED }),
  healthcheck_listen: () => hasSocket({ name: first, port: Number(second), state: LISTENING }),
};

try {
  const well = await checks[basename(process.argv[1] ?? '')]();
  process.exit(well ? 0 : 1);
} catch (error) {
  console.error(String(error.cause ?? error));
  process.exit(1);
}
