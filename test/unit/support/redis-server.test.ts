// The tests' own Redis servers do what the tests believe of them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { deferred, eventually } from '../../support/gate.ts'
import { command } from '../../support/redis-admin.ts'
import { startCluster } from '../../support/redis-cluster.ts'
import { type RedisServer, startRedis, startReplica } from '../../support/redis-server.ts'

describe('a Redis server for tests', () => {
  let redis: RedisServer

  before(async () => {
    redis = await startRedis()
  })

  after(() => redis.stop())

  it('answers on a port of its own, never on the usual one', async () => {
    expect(await redis.cli('PING')).to.equal('PONG')
    expect(redis.port).not.to.equal(6379)
  })

  it('answers nothing while frozen and all of it once thawed', async () => {
    await redis.freeze()
    const answered = deferred<string>()
    redis.cli('ECHO', 'late').then(answered.resolve, answered.reject)
    const first = await Promise.race([answered.promise, new Promise((resolve) => setTimeout(resolve, 200, 'silence'))])
    expect(first).to.equal('silence')
    redis.thaw()
    expect(await answered.promise).to.equal('late')
  })

  it('is gone when killed and comes back empty on the same port', async () => {
    const { pid } = redis
    await redis.cli('SET', 'key', 'value')
    await redis.kill()
    expect(() => process.kill(pid, 0)).to.throw()
    expect(await redis.cli('PING').catch(() => 'refused')).to.equal('refused')
    await redis.restart()
    expect(await redis.cli('GET', 'key')).to.equal('')
  })

  it('can be killed and restarted while frozen', async () => {
    await redis.freeze()
    await redis.restart()
    expect(await redis.cli('PING')).to.equal('PONG')
  })

  it('counts the commands of others, not those of the count', async () => {
    await redis.resetStats()
    await redis.cli('SET', 'key', 'value')
    await redis.cli('GET', 'key')
    await redis.cli('GET', 'key')
    expect(await redis.commandStats()).to.deep.equal({ set: 1, get: 2 })
  })

  it('obeys the test when it is closed to all others', async () => {
    await redis.cli('CONFIG', 'SET', 'requirepass', 'secret')
    expect(await redis.cli('PING')).to.equal('PONG')
    await redis.restart()
  })

  it('says why it did not start', async () => {
    const error = await startRedis({ args: ['--no-such-option', 'yes'] }).catch((reason: Error) => reason)
    expect(error).to.be.an('error').with.property('message').that.includes('no-such-option')
  })

  it('has replicas that follow it', async () => {
    const replica = await startReplica(redis)
    try {
      await redis.cli('SET', 'followed', 'yes')
      await redis.cli('WAIT', '1', '1000')
      expect(await replica.cli('GET', 'followed')).to.equal('yes')
    } finally {
      await replica.stop()
    }
  })

  it('forms a cluster whose nodes send a client to the right one', async () => {
    const cluster = await startCluster()
    try {
      const answers = await Promise.all(
        cluster.nodes.map((node) => node.cli('GET', 'a').catch((error) => error.message)),
      )
      expect(answers.filter((answer) => answer === '')).to.have.length(1)
      expect(answers.filter((answer) => answer.startsWith('MOVED'))).to.have.length(2)
    } finally {
      await cluster.stop()
    }
  })

  it('ends with the process that started it, even after SIGKILL', async () => {
    const script = fileURLToPath(new URL('./leak-redis.ts', import.meta.url))
    const leaker = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(leaker.stdout, 'data')
    const { port, folder } = JSON.parse(`${line}`) as { port: number; folder: string }
    expect(await command(port, 'PING')).to.equal('PONG')
    leaker.kill('SIGKILL')
    await eventually(async () => {
      expect(await command(port, 'PING').catch(() => 'refused')).to.equal('refused')
      expect(existsSync(folder)).to.equal(false)
    })
  })
})
