/** What Slack refuses beyond. Sources: Block Kit reference; chat.update's `msg_too_long`; @slack/types 3.2. */
export const LIMITS = {
  /** Characters of a text object; a message's own `text` keeps it too, because chat.update refuses more than 4,000. */
  text: 3_000,
  header: 150,
  blocks: 50,
  /** Blocks of one message together; beyond about 13,000 Slack answers `msg_blocks_too_long`. */
  message: 12_000,
  actions: 25,
  buttonText: 75,
  buttonValue: 2_000,
  accessibilityLabel: 75,
  id: 255,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  tableRows: 100,
  tableCells: 20,
  /** Characters of all cells of a message's tables; Slack's own limit is 10,000. */
  tableText: 8_000,
  tasks: 40,
} as const;
