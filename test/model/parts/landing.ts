// How runs begin and end: what may be kept, and who gets the answer.

import { wrongAnswer, wrongRun } from '../properties.ts'
import { asReader, withProcess, withReader, withWorld } from './change.ts'
import { send } from './commands.ts'
import { isMarker, timeOf } from './redis.ts'
import type { Setting } from './scenario.ts'
import type { Entry, Reader, State, Token } from './state.ts'

/** The handler runs. Without versions, its answer is for those who wait for it already. */
export function run(state: State, r: number, tokens: readonly Token[] | undefined): State {
  const { at } = state.readers[r]!
  const { slots, serverTime, commands } = state.processes[at]!
  const mark = { held: slots[0]?.token, time: serverTime, generation: commands.generation }
  const wrong = tokens === undefined ? undefined : wrongRun(state, r, tokens)
  const { tokens: _, ...former } = state.readers[r]!
  const running: Reader = { ...former, phase: 'running', ...(tokens === undefined ? { mark } : { tokens }) }
  const started = asReader(state, r, running)
  return wrong === undefined ? started : withWorld(started, { broken: wrong })
}

/** Nothing of it matters any more. */
export function over(state: State, r: number): State {
  const { at, kind } = state.readers[r]!
  return asReader(state, r, { at, kind, phase: 'done', knows: 0 })
}

/** The reader has its answer, and so have those who wait for it. */
export function answer(state: State, r: number, value: number): State {
  const { phase } = state.readers[r]!
  const wrong = wrongAnswer(state, r, value)
  const told = over(state, r)
  const judged = wrong === undefined ? told : withWorld(told, { broken: state.world.broken ?? wrong })
  if (phase === 'following') return judged
  return judged.readers.reduce((present, reader, i) => {
    return reader.phase === 'following' && reader.leader === r ? answer(present, i, value) : present
  }, judged)
}

/** The handler has answered: its answer is stored under the versions read before it ran. */
export function finish(setting: Setting, state: State, r: number): State {
  const reader = state.readers[r]!
  const { at, tokens, value } = reader
  const answered = answer(state, r, value!)
  if (tokens !== undefined) return store(setting, answered, at, { value: value!, tokens: tokens as Token[] })
  if (reader.kind !== 'late' && setting.keeps.tokensAreReadBeforeTheRun) return answered
  return finishLate(setting, answered, r, reader)
}

/** Its tag is known only now: the token counts if it was held before the run and still is; else it is read. */
function finishLate(setting: Setting, state: State, r: number, reader: Reader): State {
  const { at, mark, value } = reader
  const { slots, up } = state.processes[at]!
  const held = slots[0]?.token
  if (held !== undefined && held === mark?.held) return store(setting, state, at, { value: value!, tokens: [held] })
  if (!up) return state
  const waiting = withReader(state, r, { phase: 'storing', value: value!, ...(mark === undefined ? {} : { mark }) })
  return send(waiting, at, { kind: 'read', tag: 0 }, [r])
}

/** The token of a late tag has come: it must be older than the run, in the same history. */
export function lateTokenCame(setting: Setting, state: State, r: number, token: Token): State {
  const { keeps } = setting
  const { at, mark, value } = state.readers[r]!
  const { generation } = state.processes[at]!.commands
  const older = mark !== undefined && timeOf(token) < mark.time
  const sameHistory = generation === mark?.generation || !keeps.lateTagsAreOfOneGeneration
  const counts = (older && sameHistory) || !keeps.lateTagsAreUnchanged || !keeps.tokensAreReadBeforeTheRun
  return counts ? store(setting, over(state, r), at, { value: value!, tokens: [token] }) : over(state, r)
}

/** L1 and, where every process knows the tokens, L2. */
function store({ scenario }: Setting, state: State, process: number, entry: Entry): State {
  if (entry.tokens.some(isMarker)) return state
  const kept = withProcess(state, process, { memory: entry })
  const isShared = scenario.shared === true && !entry.tokens.some((token) => token.startsWith('local'))
  return isShared && state.processes[process]!.up ? send(kept, process, { kind: 'store', entry }) : kept
}
