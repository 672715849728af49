import { oneOffSpec } from '../engine/clone.js';
import {
  type ImageIdentity,
  identityOfContainer,
  identityOfImage,
  isSameBuild,
} from '../engine/image-identity.js';
import type { ContainerInspect } from '../engine/inspect.js';
import type { MigrateStep } from '../plan/plan.js';
import { act, look } from './act.js';
import { clearOneOff } from './clear-one-off.js';
import { containerOf } from './container.js';
import { type StepContext, StepFailed } from './context.js';
import { createWhole } from './create.js';
import type { StepKind } from './kind.js';
import { oneOffName } from './names.js';
import { giveOwnConfig } from './own-config.js';
import { readRevision } from './revision.js';
import { wantedImage } from './wanted-image.js';
import { imageName } from './words.js';

/** A schema change of a big database takes hours; after this the step fails and people look. */
const DEADLINE_MS = 4 * 3_600_000;
/** As much as an engine's answer may hold (64 KiB, src/engine/output.ts); the journal gets only the end of it. */
const LOG_LINES = 5_000;

const specOf = async (step: MigrateStep, context: StepContext) => {
  const engine = context.engine(step.host);
  // The API container by its name: at Finalize it is the new one.
  const like = await look(context, () => engine.inspect(step.like.name));
  if (!like)
    throw new StepFailed(
      `${step.like.name} is gone from ${step.host}: there is nothing to take network and volumes from.`,
    );
  const image = await look(context, () => engine.image(like.Image));
  if (!image) throw new StepFailed(`The image of ${step.like.name} is gone from ${step.host}.`);
  await approvedImage(step, context, like);
  const { apiVersion } = await look(context, () => engine.info());
  return oneOffSpec({
    like,
    image,
    newRef: step.target.ref,
    env: step.env.map((name) => `${name}=`),
    apiVersion,
    ...(step.config ? { without: step.config.destination } : {}),
  });
};

/**
 * The approved build and no other: before the swaps as the plan names it, at Finalize the one that the API runs by now.
 * The tag may have been moved in between.
 */
const approvedImage = async (
  step: MigrateStep,
  context: StepContext,
  like: ContainerInspect,
): Promise<ImageIdentity> => {
  if (context.part === 'steps') return identityOfImage(await wantedImage(step, context));
  const tagged = await look(context, () => context.engine(step.host).image(step.target.ref));
  if (!tagged || !isSameBuild(identityOfImage(tagged), identityOfContainer(like)))
    throw new StepFailed(
      `${step.target.ref} on ${step.host} is another build than ${step.like.name} runs: the tag was moved. Tag the running build again (docker tag ${like.Image.slice(0, 19)} ${step.target.ref}).`,
    );
  return identityOfImage(tagged);
};

/** The tag may move between the look and the create: a container of another build would run against the database. */
const requireImage = async (
  step: MigrateStep,
  context: StepContext,
  made: ContainerInspect,
): Promise<void> => {
  const like = await look(context, () => context.engine(step.host).inspect(step.like.name));
  if (!like || !isSameBuild(identityOfContainer(made), await approvedImage(step, context, like)))
    throw new StepFailed(
      `The container for ${step.runs} on ${step.host} got another image than the approved one. It was not started.`,
    );
};

/** A container that was never started has Docker's zero time. */
const wasStarted = (startedAt: string): boolean => !startedAt.startsWith('0001-');

/** One that has run under this name belongs to an earlier try: this try's is journaled before it is started. */
const clearOldTry = async (step: MigrateStep, context: StepContext, name: string): Promise<void> => {
  const old = await look(context, () => context.engine(step.host).inspect(name));
  if (old && wasStarted(old.State.StartedAt))
    await containerOf(context, { host: step.host, id: old.Id, label: name }).remove();
};

/** Creates the one-off container once: its name is unique to run and phase, so a second one is impossible. */
const create = async (step: MigrateStep, context: StepContext, name: string): Promise<string> => {
  const known = context.memory().createdId;
  if (known) return known;
  await clearOldTry(step, context, name);
  return createWhole(context, { host: step.host, name, spec: await specOf(step, context) });
};

/** Starts it once, waits for its end, keeps its log, and answers with its exit code and the end of the log. */
const runToEnd = async (
  step: MigrateStep,
  context: StepContext,
  { id, name }: { id: string; name: string },
) => {
  const engine = context.engine(step.host);
  const before = await look(context, () => engine.inspect(id));
  if (before && !wasStarted(before.State.StartedAt)) {
    await requireImage(step, context, before);
    await giveOwnConfig(step, context, { id, name });
  }
  await act(context, {
    host: step.host,
    op: 'start',
    target: name,
    satisfied: async () => {
      const seen = await engine.inspect(id);
      if (!seen)
        throw new StepFailed(
          `${name} is gone from ${step.host} before its end was seen: whether ${step.runs} ran is unknown. Look at the database before going on.`,
        );
      return seen.State.Running || wasStarted(seen.State.StartedAt);
    },
    call: () => engine.start(id),
  });
  const exitCode = await look(context, () => engine.wait(id, DEADLINE_MS));
  const log = await containerOf(context, { host: step.host, id, label: name }).log(LOG_LINES);
  return { exitCode, tail: context.tail(log), file: await context.keepLog(name, log) };
};

const migrated = async (step: MigrateStep, context: StepContext, name: string): Promise<number> => {
  const { part, index, emit, clock } = context;
  const known = context.memory().exitCode;
  if (known !== undefined) return known;
  const began = clock.now();
  if (context.memory().revisionBefore === undefined)
    await emit({ kind: 'revision', part, index, at: 'before', revision: await readRevision(step, context) });
  const id = await create(step, context, name);
  const ended = await runToEnd(step, context, { id, name });
  await emit({ kind: 'migrated', part, index, ...ended, ms: clock.now() - began });
  const { exitCode } = ended;
  return exitCode;
};

export const migrate: StepKind<MigrateStep> = {
  say: ({ runs, host, target, oneWay, config }) =>
    `Migrate the database: ${runs} in a one-off container of ${imageName(target.ref)} on ${host}${config ? ', with the target’s configuration of its own' : ''}; never undone${oneWay ? ', and once the schema revision has moved the old version needs the database restored' : ''}.`,
  perform: async (step, context) => {
    const name = oneOffName(context, step.name, step.phase);
    const exitCode = await migrated(step, context, name);
    if (context.memory().revisionAfter === undefined)
      await context.emit({
        kind: 'revision',
        part: context.part,
        index: context.index,
        at: 'after',
        revision: await readRevision(step, context),
      });
    const { createdId } = context.memory();
    if (createdId) await containerOf(context, { host: step.host, id: createdId, label: name }).tidyAway();
    if (exitCode !== 0)
      throw new StepFailed(
        `${step.runs} ended with exit code ${exitCode}. It is not tried again by itself; its log is below.`,
      );
  },
  clear: clearOneOff,
};
