// Locks over real Redis: one holder at a time, whoever freezes, dies or forgets; and a holder that lost learns of it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { type LockHandle, lock, locks, withLock } from '../../src/index.ts'
import { freePort } from '../support/free-port.ts'
import { deferred, eventually } from '../support/gate.ts'
import { RedisServer, startRedis } from '../support/redis-server.ts'
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const outcome = (work: Promise<unknown>) =>
  work.then(
    (value) => value,
    (error: Error & { code?: string }) => error.code ?? error.message,
  )

/** Resolves when it is known to be lost. */
const lossOf = ({ lost }: LockHandle) => (lost.aborted ? Promise.resolve() : once(lost, 'abort'))

describe('a lock in Redis', function () {
  this.timeout(20_000)
  let redis: RedisServer
  let one: Redis
  let two: Redis

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    await redis.restart()
    one = new Redis(redis.url)
    two = new Redis5(redis.url) as unknown as Redis
    for (const client of [one, two]) client.on('error', () => {})
  })
  afterEach(() => {
    for (const client of [one, two]) client.disconnect()
  })
  after(() => redis.stop())

  /** Takes it, and fails where another has it. */
  async function taken(client: object, key: string, options: Parameters<typeof lock>[2] = {}): Promise<LockHandle> {
    const handle = await lock(client, key, options)
    if (handle === undefined) throw new Error('Another holds it')
    return handle
  }

  it('has one holder among two clients, and another once it is released', async () => {
    const first = await taken(one, 'a')
    expect(await lock(two, 'a')).to.equal(undefined)
    const other = await taken(two, 'b')
    expect(await first.release()).to.equal(true)
    const second = await taken(two, 'a')
    expect(second.fencing).to.be.above(first.fencing)
    expect([await second.release(), await other.release()]).to.deep.equal([true, true])
    // Of a lock nothing stays but its last number, and that for a day.
    expect(await redis.cli('KEYS', '*:lock:*')).to.not.match(/}(?!:fence)/)
    expect(Number(await redis.cli('PTTL', 'tiercache:lock:{a}:fence'))).to.be.within(80_000_000, 86_400_000)
  })

  it('has one holder at a time in a crowd, and each in its turn', async () => {
    let inside = 0
    let most = 0
    const numbers: number[] = []
    const step = async ({ fencing }: LockHandle) => {
      most = Math.max(most, ++inside)
      numbers.push(fencing)
      await new Promise(setImmediate)
      inside--
    }
    const crowd = Array.from({ length: 20 }, (_, i) => withLock(i % 2 ? one : two, 'crowd', step, { wait: '15s' }))
    await Promise.all(crowd)
    expect([most, numbers.length]).to.deep.equal([1, 20])
    expect(numbers).to.deep.equal([...numbers].sort((a, b) => a - b))
    expect(new Set(numbers).size).to.equal(20)
  })

  it('is renewed for as long as its holder lives', async () => {
    const handle = await taken(one, 'renewed', { ttl: '800ms' })
    let tries = 0
    for (const end = performance.now() + 2_000; performance.now() < end; tries++) {
      expect(await lock(two, 'renewed')).to.equal(undefined)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect([handle.lost.aborted, tries > 5]).to.deep.equal([false, true])
    expect(await handle.release()).to.equal(true)
  })

  it('waits for another holder no longer than it is told to', async () => {
    const handle = await taken(one, 'waited')
    const begun = performance.now()
    expect(await lock(two, 'waited', { wait: '200ms' })).to.equal(undefined)
    expect(performance.now() - begun).to.be.at.least(195)
    const waiting = lock(two, 'waited', { wait: '10s' })
    await handle.release()
    expect(await (await waiting)?.release()).to.equal(true)
  })

  it('is not released by who does not hold it', async () => {
    const handle = await taken(one, 'foreign')
    // It is lost in the way that nobody hears of, and taken by another.
    await redis.cli('DEL', 'tiercache:lock:{foreign}')
    const other = await taken(two, 'foreign')
    expect(await handle.release()).to.equal(false)
    expect(await lock(one, 'foreign')).to.equal(undefined)
    expect(await other.release()).to.equal(true)
  })

  it('that was taken away is known to be lost with the next renewal', async () => {
    const handle = await taken(one, 'stolen', { ttl: '600ms' })
    await redis.cli('SET', 'tiercache:lock:{stolen}', 'someone else')
    await lossOf(handle)
    expect(handle.lost.reason).to.have.property('code', 'lock-lost')
    expect(await handle.release()).to.equal(false)
    expect(await redis.cli('GET', 'tiercache:lock:{stolen}')).to.equal('someone else')
  })

  it('is lost with the memory of Redis, and its numbers grow all the same', async () => {
    const handle = await taken(one, 'forgotten', { ttl: '600ms' })
    await redis.cli('FLUSHALL')
    const other = await taken(two, 'forgotten')
    expect(other.fencing).to.be.above(handle.fencing)
    await lossOf(handle)
    expect([await handle.release(), await other.release()]).to.deep.equal([false, true])
    await redis.restart()
    const later = await eventually(() => taken(one, 'forgotten'))
    expect(later.fencing).to.be.above(other.fencing)
    await later.release()
  })

  it('has numbers that grow where the clock of the server was set back', async () => {
    const ahead = 9_000_000_000_000_000
    await redis.cli('SET', 'tiercache:lock:{clock}:fence', `${ahead - 1_000}`)
    for (const more of [1, 2]) {
      const handle = await taken(one, 'clock')
      expect(handle.fencing).to.equal(ahead - 1_000 + more)
      await handle.release()
    }
  })

  // T71
  it('is known to be lost when a frozen Redis could not renew it, by the holder’s own clock', async () => {
    const handle = await taken(one, 'frozen', { ttl: '400ms' })
    await redis.freeze()
    try {
      await lossOf(handle)
      expect(await outcome(lock(two, 'other', { budget: '50ms' }))).to.equal('lock-unavailable')
      expect(await outcome(lock(two, 'other', { budget: '50ms', wait: '200ms' }))).to.equal('lock-unavailable')
    } finally {
      redis.thaw()
    }
    // What was asked for too late was got and let go again.
    const later = await taken(two, 'other', { wait: '5s' })
    expect(await later.release()).to.equal(true)
    expect(await handle.release()).to.equal(false)
  })

  // T65
  it('is known to be lost to who looks at a signal that it kept, however long it has worked without a pause', async () => {
    const { lost, release } = await taken(one, 'busy', { ttl: '100ms' }).then((handle) => ({
      lost: handle.lost,
      release: () => handle.release(),
    }))
    expect(lost.aborted).to.equal(false)
    const until = performance.now() + 5_000
    while (!lost.aborted && performance.now() < until);
    expect([lost.aborted, lost.reason?.code, await release()]).to.deep.equal([true, 'lock-lost', false])
    expect(() => lost.throwIfAborted()).to.throw('was lost')
  })

  // T71
  it('says why where Redis refuses, and is got where Redis comes back within the wait', async () => {
    one.disconnect()
    const port = await freePort()
    const away = new RedisServer(port, [])
    const { lock: lockAway, close } = locks(away.url)
    try {
      const error = (await lockAway('a').catch((thrown: unknown) => thrown)) as Error & { code: string }
      expect(error).to.include({ name: 'LockError', code: 'lock-unavailable' })
      expect(String((error.cause as Error).message)).to.match(/ECONNREFUSED|Connection is closed|max retries/i)
      const waiting = lockAway('a', { wait: '10s' })
      await away.start()
      expect(await (await waiting)?.release()).to.equal(true)
    } finally {
      await close()
      await away.stop()
    }
  })

  it('goes on after a restart that forgot the scripts', async () => {
    await (await taken(one, 'a')).release()
    await redis.cli('SCRIPT', 'FLUSH')
    expect(await (await taken(one, 'a')).release()).to.equal(true)
  })

  it('tells trouble of a key that is none of ours', async () => {
    await redis.cli('LPUSH', 'tiercache:lock:{list}', 'x')
    const error = await lock(one, 'list', { wait: '5s' }).catch((thrown: unknown) => thrown)
    expect(error).to.have.property('cause').that.has.property('message').that.contains('WRONGTYPE')
  })

  it('keeps keys apart that differ in braces, and honours the prefix of a client', async () => {
    const prefixed = new Redis(redis.url, { keyPrefix: 'own:' })
    try {
      const handles = await Promise.all(['a', '{a}', 'a}', '{', '%7Ba%7D'].map((key) => taken(prefixed, key)))
      const { lock: lockOwn, close } = locks({ port: redis.port, keyPrefix: 'own:' })
      expect(await lockOwn('a')).to.equal(undefined)
      expect(await lock(one, 'a', { namespace: 'own:tiercache' })).to.equal(undefined)
      await close()
      for (const handle of handles) expect(await handle.release()).to.equal(true)
    } finally {
      prefixed.disconnect()
    }
  })

  describe('of a process', () => {
    let child: ChildProcess
    let told: Record<string, unknown>[]

    beforeEach(async () => {
      const script = fileURLToPath(new URL('./lock-process.ts', import.meta.url))
      child = spawn(process.execPath, ['--import', 'tsx/esm', script, redis.url, 'job', '1s'], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      told = []
      createInterface({ input: child.stdout! }).on('line', (line) => told.push(JSON.parse(line)))
      await eventually(() => expect(told).to.have.length(1), { within: 15_000 })
    })
    afterEach(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    })

    it('that was killed goes to another when its ttl is over', async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect(await lock(one, 'job')).to.equal(undefined)
      const handle = await taken(one, 'job', { wait: '5s' })
      expect(handle.fencing).to.be.above(told[0]!.fencing as number)
      expect(await handle.release()).to.equal(true)
    })

    it('that was frozen goes to another, and the process learns of it when it goes on', async () => {
      child.kill('SIGSTOP')
      await eventually(() => expect(readFileSync(`/proc/${child.pid}/stat`, 'utf8')).to.match(/\) T /))
      const handle = await taken(one, 'job', { wait: '5s' })
      expect(handle.fencing).to.be.above(told[0]!.fencing as number)
      child.kill('SIGCONT')
      await eventually(() => expect(told).to.have.length(2))
      expect(told[1]).to.have.property('lost').that.contains('LockError')
      child.stdin!.write('release\n')
      await eventually(() => expect(told[2]).to.deep.equal({ released: false }))
      expect(await handle.release()).to.equal(true)
    })

    // T76
    it('that lets go and closes ends by itself', async () => {
      child.stdin!.write('release\n')
      const [code] = (await once(child, 'exit')) as [number]
      expect([code, told[1]]).to.deep.equal([0, { released: true }])
      expect(await (await taken(one, 'job')).release()).to.equal(true)
    })
  })

  describe('behind a network that fails', () => {
    let proxy: TcpProxy

    beforeEach(async () => {
      proxy = await startProxy(redis.port)
    })
    afterEach(() => proxy.stop())

    it('outlives the loss of its connection', async () => {
      const { lock: lockThere, close } = locks(`redis://127.0.0.1:${proxy.port}`)
      const handle = await lockThere('kept', { ttl: '2s' })
      await proxy.set('reset')
      await proxy.set('pass')
      await redis.resetStats()
      const renewals = async () => (await redis.commandStats()).pexpire ?? 0
      await eventually(async () => expect(await renewals()).to.be.at.least(2), { within: 5_000 })
      expect([handle?.lost.aborted, await handle?.release()]).to.deep.equal([false, true])
      await close()
    })

    it('is given up as lost behind packets that are dropped, and says so where it is released', async () => {
      const { lock: lockThere, close } = locks(`redis://127.0.0.1:${proxy.port}`)
      const handle = await lockThere('dropped', { ttl: '500ms', budget: '100ms' })
      await proxy.set('drop')
      const release = outcome(handle!.release())
      expect(await release).to.equal('lock-unavailable')
      expect(handle!.lost.aborted).to.equal(false)
      await proxy.set('pass')
      await close()
    })
  })
})

describe('withLock', () => {
  let redis: RedisServer
  let client: Redis

  before(async () => {
    redis = await startRedis()
    client = new Redis(redis.url)
  })
  after(async () => {
    client.disconnect()
    await redis.stop()
  })

  it('hands on what its function returns or throws, and lets go either way', async () => {
    expect(await withLock(client, 'a', ({ key }) => key)).to.equal('a')
    const thrown = new Error('thrown')
    const failing = withLock(client, 'a', () => {
      throw thrown
    })
    expect(await failing.catch((error: unknown) => error)).to.equal(thrown)
    expect(await withLock(client, 'a', async () => 'again')).to.equal('again')
  })

  it('rejects where another holds the key, and does not run its function', async () => {
    const gate = deferred()
    const first = withLock(client, 'b', () => gate.promise)
    await eventually(async () => expect(await redis.cli('EXISTS', 'tiercache:lock:{b}')).to.equal('1'))
    let runs = 0
    expect(await outcome(withLock(client, 'b', () => ++runs))).to.equal('lock-held')
    gate.resolve()
    await first
    expect(runs).to.equal(0)
  })

  it('hands on what was done although the lock was lost meanwhile', async () => {
    const result = await withLock(client, 'c', async (handle) => {
      await redis.cli('DEL', 'tiercache:lock:{c}')
      return [handle.key, await handle.release()]
    })
    expect(result).to.deep.equal(['c', false])
  })

  it('is what `await using` does by hand', async () => {
    {
      await using handle = await lock(client, 'd')
      expect(handle).to.not.equal(undefined)
      expect(await lock(client, 'd')).to.equal(undefined)
    }
    expect(await redis.cli('EXISTS', 'tiercache:lock:{d}')).to.equal('0')
    expect(Symbol.asyncDispose).to.be.a('symbol')
  })
})

describe('locks', () => {
  let redis: RedisServer

  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())

  it('keep one connection of their own for all keys, opened with the first and closed with the last', async () => {
    const clients = async () => (await redis.cli('CLIENT', 'LIST', 'TYPE', 'normal')).split('\n').length
    const before = await clients()
    const made = locks(redis.url)
    expect(await clients()).to.equal(before)
    const handles = await Promise.all(['a', 'b', 'c'].map((key) => made.lock(key)))
    expect(await clients()).to.equal(before + 1)
    await made.close()
    // What was held is let go.
    expect(await redis.cli('KEYS', '*:lock:*')).to.not.match(/}(?!:fence)/)
    expect(handles.map((handle) => handle?.lost.aborted)).to.deep.equal([false, false, false])
    await eventually(async () => expect(await clients()).to.equal(before))
    expect(await outcome(made.lock('a'))).to.equal('lock-closed')
    await made.close()
  })

  it('leave a client open that was given', async () => {
    const client = new Redis(redis.url)
    const made = locks(client)
    await made.withLock('a', () => {})
    await made.close()
    expect(await client.ping()).to.equal('PONG')
    client.disconnect()
  })

  it('that are closed while they wait wait no longer, and take nothing', async () => {
    const holder = locks(redis.url)
    const made = locks(redis.url)
    await holder.lock('a')
    const waiting = outcome(made.lock('a', { wait: '1m' }))
    await made.close()
    expect(await waiting).to.equal('lock-closed')
    await holder.close()
    expect(await redis.cli('EXISTS', 'tiercache:lock:{a}')).to.equal('0')
  })
})
