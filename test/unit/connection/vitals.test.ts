// What is read out of a primary's answers, and what is made of those that are refused.
import { expect } from 'chai'
import {
  generationOf,
  NoPrimaryError,
  type Pulse,
  pulseOf,
  UNKNOWN_GENERATION,
} from '../../../src/connection/vitals.ts'
import { fakeClient } from '../fixtures/fake-primary.ts'

const REPLID = '8c1f0e2a9b7d6c5e4f3a2b1c0d9e8f7a6b5c4d3e'
const lines = (...text: string[]) => `${text.join('\r\n')}\r\n`
const replication = lines(
  '# Replication',
  'role:master',
  'connected_slaves:0',
  `master_replid:${REPLID}`,
  `master_replid2:${'0'.repeat(40)}`,
)
const shape = lines(
  'cluster_state:ok',
  'cluster_current_epoch:6',
  'cluster_my_epoch:2',
  'cluster_stats_messages_sent:1483972',
)

const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' })
const refuse = (message: string) => async (): Promise<never> => {
  throw reply(message)
}
const forbidden = "NOPERM User default has no permissions to run the 'x' command"

/** A client that answers as a healthy primary does, but for what is given. */
const primary = (answers: Record<string, (...args: never[]) => Promise<unknown>> = {}) =>
  fakeClient({
    info: async () => replication,
    time: async () => ['1700000000', '123456'],
    cluster: async () => shape,
    ...answers,
  })

interface Vitals extends Pulse {
  readonly generation: string
}

/** All that a pulse learns. */
async function vitalsOf(client: ReturnType<typeof fakeClient>, cluster: boolean): Promise<Vitals> {
  const [pulse, generation] = await Promise.all([pulseOf(client, cluster), generationOf(client)])
  return { generation, ...pulse }
}

const healthy: Vitals = { generation: REPLID, serverTime: 1_700_000_000_123_456, epoch: undefined }

describe('the vitals of a primary', () => {
  it('names the history of the data and the clock of the server, in microseconds', async () => {
    expect(await vitalsOf(primary(), false)).to.deep.equal(healthy)
  })

  it('adds up a clock that is told in numbers as well', async () => {
    const client = primary({ time: async () => [1_700_000_000, 7] })
    expect((await vitalsOf(client, false)).serverTime).to.equal(1_700_000_000_000_007)
  })

  it('asks for no more than it needs, and all of it at once', async () => {
    const asked: string[] = []
    const note = (text: string) => new Promise<never>(() => asked.push(text))
    const silent = {
      info: (section: string) => note(`info ${section}`),
      time: () => note('time'),
      cluster: (question: string) => note(`cluster ${question}`),
    }
    void vitalsOf(primary(silent), false)
    expect(asked.splice(0)).to.have.members(['info replication', 'time'])
    void vitalsOf(primary(silent), true)
    expect(asked).to.have.members(['info replication', 'time', 'cluster INFO'])
  })

  it('tells from the epochs of a Cluster that slots moved, and from nothing else', async () => {
    const epoch = async (text: string) => (await vitalsOf(primary({ cluster: async () => text }), true)).epoch
    const before = await epoch(shape)
    expect(before).to.be.a('string')
    expect(await epoch(shape.replace('sent:1483972', 'sent:1483999'))).to.equal(before)
    expect(await epoch(shape.replace('current_epoch:6', 'current_epoch:7'))).to.not.equal(before)
    expect(await epoch(shape.replace('my_epoch:2', 'my_epoch:8'))).to.not.equal(before)
  })

  const without: [name: string, answers: Parameters<typeof primary>[0], expected: Partial<Vitals>][] = [
    ['INFO is forbidden', { info: refuse(forbidden) }, { generation: UNKNOWN_GENERATION }],
    ['INFO is unknown', { info: refuse("ERR unknown command 'INFO'") }, { generation: UNKNOWN_GENERATION }],
    ['INFO names no history', { info: async () => lines('role:master') }, { generation: UNKNOWN_GENERATION }],
    ['INFO is empty', { info: async () => '' }, { generation: UNKNOWN_GENERATION }],
    ['TIME is forbidden', { time: refuse(forbidden) }, { serverTime: undefined }],
    ['TIME is unknown', { time: refuse("ERR unknown command 'TIME'") }, { serverTime: undefined }],
  ]
  for (const [name, answers, expected] of without) {
    it(`knows the rest where ${name}`, async () => {
      expect(await vitalsOf(primary(answers), false)).to.deep.equal({ ...healthy, ...expected })
    })
  }

  it('knows no epoch where CLUSTER is forbidden', async () => {
    expect(await vitalsOf(primary({ cluster: refuse(forbidden) }), true)).to.deep.equal(healthy)
  })

  it('takes no replica, whatever else it says', async () => {
    const replica = replication.replace('role:master', 'role:slave')
    const error = await vitalsOf(primary({ info: async () => replica }), false).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(NoPrimaryError)
  })

  it('does not take a replica that is attached for the role of the server', async () => {
    const info = async () => replication.replace('connected_slaves:0', 'connected_slaves:1\r\nslave0:ip=x,role:slave')
    expect(await vitalsOf(primary({ info }), false)).to.deep.equal(healthy)
  })

  for (const command of ['info', 'time', 'cluster']) {
    it(`fails where ${command.toUpperCase()} fails in any other way`, async () => {
      for (const message of [
        'LOADING Redis is loading the dataset in memory',
        'Connection is closed.',
        'ERR anything',
      ]) {
        const failing = vitalsOf(primary({ [command]: refuse(message) }), true)
        expect(await failing.catch((error: Error) => error.message)).to.equal(message)
      }
    })
  }
})
