import type { Drawing } from '../render/message.js';

/** How messages are drawn; once Slack has refused the newer blocks, plainly until the process ends. */
export const drawingChoice = (wanted: Drawing) => {
  let current = wanted;
  return {
    current: (): Drawing => current,
    /** True when this was news. */
    refused: (): boolean => {
      const news = current === 'rich';
      current = 'plain';
      return news;
    },
  };
};

export type DrawingChoice = ReturnType<typeof drawingChoice>;
