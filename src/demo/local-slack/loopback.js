import { rmSync } from 'node:fs';

// Loaded into local-slack before its own code (Bun's --preload). It listens on all interfaces and has no option for
// the address, so its server is told loopback here; and it ends with the process that started it, as does the folder
// that was made for it.
const serve = globalThis.Bun.serve;
globalThis.Bun.serve = (options) => serve.call(globalThis.Bun, { ...options, hostname: '127.0.0.1' });

process.stdin.on('end', () => {
  rmSync(process.env.LOCAL_SLACK_FOLDER, { recursive: true, force: true });
  process.exit(0);
});
process.stdin.resume();
