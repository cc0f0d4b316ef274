// How soon another process stops serving the old answer when nothing is broken: one writes, one is asked without a pause.
import type { History } from './history.ts'
import { Random } from './random.ts'
import { ROUTES } from './routes.ts'
import type { Member } from './stage/member.ts'
import type { Stage } from './stage/stage.ts'
import { Client, type NextId } from './workload/client.ts'

/** Runs so many writes. Resolves to the history, whose lags are what is wanted. */
export async function probe(stage: Stage, writes: number, nextId: NextId): Promise<History> {
  stage.begin(new Random(0), 0)
  for (let i = 0; i < writes; i++) {
    const [writer, reader] = i % 2 === 0 ? stage.members : [stage.members[1]!, stage.members[0]!]
    await writeOnce(writer!, reader!, stage, nextId)
  }
  return stage.recorder.history()
}

async function writeOnce(writer: Member, reader: Member, { recorder }: Stage, nextId: NextId): Promise<void> {
  const clients = [writer, reader].map((member) => new Client(`probe at ${member.framework}`, member, recorder, nextId))
  const [writing, reading] = clients as [Client, Client]
  const tag = `probe-${nextId()}`
  const ask = () => reading.read(ROUTES[0]!, tag)
  while ((await ask()) !== 0);
  let written = false
  const write = writing.write('after', tag).finally(() => {
    written = true
  })
  while ((await ask()) === 0 || !written);
  await write
  for (const client of clients) client.close()
}
