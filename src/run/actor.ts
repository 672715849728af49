import type { Actor } from './event.js';

/** The program itself, where nobody clicked. */
export const BOT: Actor = { id: 'stackswap', name: 'Stackswap', door: 'bot' };
