/*
 * What Slack's Block Kit refuses, as a list of sentences. Sources: Slack's reference of each block and element, and the
 * type comments of @slack/types 3.2. Knows only the blocks that Stackswap sends; any other is refused.
 */

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

const PLAIN_BLOCKS: readonly string[] = ['section', 'header', 'context', 'divider', 'actions'];
/** Blocks that not every Slack knows yet. */
const NEWER_BLOCKS: readonly string[] = ['plan', 'table'];

const string = (what: string, value: unknown, { min = 1, max }: { min?: number; max: number }): string[] => {
  if (typeof value !== 'string') return [`${what} is no text`];
  return [
    ...(value.length < min ? [`${what} is empty`] : []),
    ...(value.length > max ? [`${what} has ${value.length} characters, more than ${max}`] : []),
    ...(/\p{Cs}/u.test(value) ? [`${what} has half a surrogate pair`] : []),
  ];
};

const optional = (what: string, value: unknown, max: number): string[] =>
  value === undefined ? [] : string(what, value, { max });

const text = (
  what: string,
  value: unknown,
  { max, plain = false }: { max: number; plain?: boolean },
): string[] => {
  if (!isFields(value)) return [`${what} is no text object`];
  const types = plain ? ['plain_text'] : ['plain_text', 'mrkdwn'];
  return [
    ...(types.includes(String(value.type)) ? [] : [`${what} may not be ${String(value.type)}`]),
    ...string(what, value.text, { max }),
  ];
};

const button = (value: unknown): string[] => {
  const { text: label, action_id, value: ref, accessibility_label, confirm, type, style } = fieldsOf(value);
  const asked = fieldsOf(confirm);
  return [
    ...(type === 'button' ? [] : [`an element is ${String(type)}`]),
    ...(style === undefined || style === 'primary' || style === 'danger'
      ? []
      : [`a button has the style ${String(style)}`]),
    ...text('a button', label, { max: 75, plain: true }),
    ...string('an action_id', action_id, { max: 255 }),
    ...(ref === undefined ? [] : string('a button’s value', ref, { min: 0, max: 2_000 })),
    ...optional('an accessibility_label', accessibility_label, 75),
    ...(confirm === undefined
      ? []
      : [
          ...text('a confirm title', asked.title, { max: 100, plain: true }),
          ...text('a confirm text', asked.text, { max: 300 }),
          ...text('a confirm button', asked.confirm, { max: 30, plain: true }),
          ...text('a deny button', asked.deny, { max: 30, plain: true }),
        ]),
  ];
};

const between = (what: string, count: number, [min, max]: readonly [number, number]): string[] =>
  count < min || count > max ? [`${what}: ${count}, not ${min} to ${max}`] : [];

const twice = (what: string, ids: readonly unknown[]): string[] =>
  new Set(ids).size === ids.length ? [] : [`${what} is there twice`];

const table = (block: Fields): string[] => {
  const rows = listOf(block.rows).map(listOf);
  const cells = rows.flat().map(fieldsOf);
  const all = cells.reduce((sum, cell) => sum + String(cell.text ?? '').length, 0);
  return [
    ...between('rows of a table', rows.length, [1, 100]),
    ...rows.flatMap((row) => between('cells of a row', row.length, [1, 20])),
    ...(new Set(rows.map((row) => row.length)).size > 1 ? ['rows of a table have different lengths'] : []),
    ...cells.flatMap((cell) => [
      ...(cell.type === 'raw_text' ? [] : [`a cell is ${String(cell.type)}`]),
      ...string('a cell', cell.text, { max: 10_000 }),
    ]),
    ...(all > 10_000 ? [`a table holds ${all} characters`] : []),
  ];
};

const strange = (what: string, value: Fields, known: readonly string[]): string[] =>
  Object.keys(value).flatMap((name) => (known.includes(name) ? [] : [`${what} has ${name}`]));

const richElement = (what: string, value: unknown): string[] => {
  const element = fieldsOf(value);
  return element.type === 'text'
    ? [...strange(what, element, ['type', 'text']), ...string(what, element.text, { max: 3_000 })]
    : [`an element of ${what} is ${String(element.type)}`];
};

/** Slack wants exactly one element here. It names no limit for the text: a text object's is taken. */
const richText = (what: string, value: unknown): string[] => {
  if (value === undefined) return [];
  const block = fieldsOf(value);
  const sections = listOf(block.elements).map(fieldsOf);
  return [
    ...(block.type === 'rich_text' ? [] : [`${what} is ${String(block.type)}`]),
    ...strange(what, block, ['type', 'elements']),
    ...between(`elements of ${what}`, sections.length, [1, 1]),
    ...sections.flatMap((section) => [
      ...(section.type === 'rich_text_section' ? [] : [`${what} holds ${String(section.type)}`]),
      ...strange(`a section of ${what}`, section, ['type', 'elements']),
      ...between(`elements of a section of ${what}`, listOf(section.elements).length, [1, 50]),
      ...listOf(section.elements).flatMap((element) => richElement(what, element)),
    ]),
  ];
};

const task = (value: unknown): string[] => {
  const card = fieldsOf(value);
  const { type, task_id, title, status, details, output } = card;
  return [
    ...(type === 'task_card' ? [] : [`a task is ${String(type)}`]),
    ...strange('a task', card, ['type', 'task_id', 'title', 'status', 'details', 'output']),
    ...string('a task_id', task_id, { max: 255 }),
    ...string('a task’s title', title, { max: 150 }),
    ...richText('a task’s details', details),
    ...richText('a task’s output', output),
    ...(['pending', 'in_progress', 'complete', 'error'].includes(String(status))
      ? []
      : [`a task has the status ${String(status)}`]),
  ];
};

const one = (block: Fields): string[] => {
  const elements = listOf(block.elements);
  switch (block.type) {
    case 'section':
      return text('a section', block.text, { max: 3_000 });
    case 'header':
      return text('a header', block.text, { max: 150, plain: true });
    case 'context':
      return [
        ...between('elements of a context', elements.length, [1, 10]),
        ...elements.flatMap((element) => text('a context', element, { max: 3_000 })),
      ];
    case 'actions':
      return [
        ...between('elements of actions', elements.length, [1, 25]),
        ...elements.flatMap(button),
        ...twice(
          'an action_id',
          elements.map((element) => fieldsOf(element).action_id),
        ),
      ];
    case 'table':
      return table(block);
    case 'plan': {
      const tasks = listOf(block.tasks);
      return [
        ...string('a plan’s title', block.title, { max: 150 }),
        ...between('tasks of a plan', tasks.length, [1, 50]),
        ...tasks.flatMap(task),
        ...twice(
          'a task_id',
          tasks.map((each) => fieldsOf(each).task_id),
        ),
      ];
    }
    default:
      return [];
  }
};

/** Characters that people read, at any depth. */
const lengthOf = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((sum: number, inner) => sum + lengthOf(inner), 0);
  if (!isFields(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [name, inner]) =>
      sum +
      (typeof inner !== 'string' ? lengthOf(inner) : name === 'text' || name === 'title' ? inner.length : 0),
    0,
  );
};

/** Beyond about so many characters in all blocks but buttons Slack answers `msg_blocks_too_long`. */
const MOST_CHARACTERS = 13_000;

/** How a refusal begins that is about a block this Slack does not know yet, and another does. */
export const TOO_NEW = 'unknown block';

/** Everything that Slack would refuse in a message's blocks; empty when it would take them. */
export const blockProblems = (blocks: unknown, { rich = true }: { rich?: boolean } = {}): string[] => {
  if (!Array.isArray(blocks)) return ['blocks are no list'];
  const all = blocks.map(fieldsOf);
  const known = [...PLAIN_BLOCKS, ...NEWER_BLOCKS];
  const length = lengthOf(all.filter(({ type }) => type !== 'actions'));
  return [
    ...between('blocks', all.length, [1, 50]),
    ...(length > MOST_CHARACTERS ? [`all blocks hold ${length} characters`] : []),
    ...all.flatMap(({ type }) => {
      if (!known.includes(String(type))) return [`a block is ${String(type)}`];
      return !rich && NEWER_BLOCKS.includes(String(type)) ? [`${TOO_NEW} ${String(type)}`] : [];
    }),
    ...(all.filter((block) => block.type === 'table').length > 1 ? ['more than one table'] : []),
    ...all.flatMap((block) => optional('a block_id', block.block_id, 255)),
    ...twice(
      'a block_id',
      all.flatMap((block) => block.block_id ?? []),
    ),
    ...all.flatMap(one),
  ];
};

/** The same for a whole message; `text` has the limit of chat.update, the strictest. */
export const messageProblems = (message: Fields, options: { rich?: boolean } = {}): string[] => [
  ...string('the text', message.text, { max: 4_000 }),
  ...(message.blocks === undefined ? [] : blockProblems(message.blocks, options)),
];
