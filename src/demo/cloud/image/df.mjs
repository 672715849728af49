// `df -Pk <path>`: one file system, in POSIX's columns and blocks of 1,024 bytes.
import { statfsSync } from 'node:fs';

const path = process.argv.slice(2).find((word) => !word.startsWith('-')) ?? '/';
const { bsize, blocks, bfree, bavail } = statfsSync(path);
const kilobytes = (count) => Math.floor((count * bsize) / 1024);
const used = kilobytes(blocks - bfree);
const percent = Math.ceil((used * 100) / Math.max(1, used + kilobytes(bavail)));
console.log('Filesystem     1024-blocks      Used Available Capacity Mounted on');
console.log(`overlay ${kilobytes(blocks)} ${used} ${kilobytes(bavail)} ${percent}% ${path}`);
