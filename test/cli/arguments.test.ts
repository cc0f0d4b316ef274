// The command line: help, version, and arguments that are refused with what was meant.
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { commands } from '../../src/cli/commands.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import { Project } from './project.ts'

describe('tiercache', () => {
  let project: Project
  before(() => {
    project = new Project({
      'nothing.js': 'export const answer = 42',
      'app.js': 'export const app = (req, res) => res.end()',
    })
  })
  after(() => project.remove())

  async function run(...args: string[]) {
    const said = { stdout: '', stderr: '' }
    const into = (name: keyof typeof said) => ({ write: (text: string) => (said[name] += text) })
    const io = {
      stdin: Readable.from([]),
      stdout: into('stdout'),
      stderr: into('stderr'),
      folder: project.folder,
      signal: new AbortController().signal,
    }
    return { code: await runCli(commands, args, io), ...said }
  }

  for (const args of [['--help'], ['-h'], ['help']]) {
    it(`lists its commands for ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await run(...args)
      expect([code, stderr]).to.deep.equal([0, ''])
      for (const [name, { summary }] of Object.entries(commands)) expect(stdout).to.include(`${name}  ${summary}`)
    })
  }

  it('lists its commands as an error where none was named', async () => {
    const { code, stdout, stderr } = await run()
    expect([code, stdout]).to.deep.equal([2, ''])
    expect(stderr).to.include('Usage: tiercache COMMAND')
  })

  it('says its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await run('--version')).to.deep.equal({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  for (const [name, { help }] of Object.entries(commands)) {
    it(`tells how ${name} is used, in lines that fit a terminal`, async () => {
      expect(await run(name, 'a', '--help')).to.deep.equal({ code: 0, stdout: `${help}\n`, stderr: '' })
      expect(Math.max(...help.split('\n').map(({ length }) => length))).to.be.at.most(110)
    })
  }

  const refused: readonly [args: string[], message: string][] = [
    [['wram'], 'Unknown command wram. Did you mean warm?'],
    [['constructor'], 'Unknown command constructor. Known: warm, --help, --version'],
    [['--verson'], 'Unknown option --verson. Did you mean --version?'],
    [['warm', '--app', 'app.js'], 'Expected URLs, or --file'],
    [['warm', '/', '--app', 'app.js'], '/ is a path: --host says of which host, such as https://shop.example'],
    [['warm', '/'], '/ is a path: --host says of which host'],
    [['warm', 'things', '--url', 'a'], "Expected `requests` to be URLs, paths such as '/products?page=1'"],
    [['warm', '/', '--app', 'missing.js', '--host', 'a'], 'There is no module missing.js'],
    [
      ['warm', '/', '--app', 'nothing.js', '--host', 'a'],
      'Expected nothing.js to export an Express or Koa application as its default or as `app`, or a function that makes one. It exports answer',
    ],
    [['warm', '/', '--app', 'app.js', '--export', 'shop', '--host', 'a'], 'application as `shop`, or a function'],
    [['warm', '/', '--app', 'app.js', '--url', 'a'], 'Expected --app or --url, got both'],
    [['warm', '/', '--url', 'a', '--export', 'b'], '--export needs --app'],
    [
      ['warm', '/', '--url', 'https://a/b'],
      "Expected --url to be scheme and host, such as https://shop.example, got 'https://a/b'",
    ],
    [['warm', '/', '--app', 'app.js', '--host', 'ftp://a'], 'Expected --host to be scheme and host'],
    [
      ['warm', '/', '--url', 'a', '--concurrency', 'many'],
      'Expected `concurrency` to be a whole number of at least 1, got NaN',
    ],
    [['warm', '/', '--url', 'a', '--deadline', 'soon'], 'Expected `deadline` to be a duration'],
    [
      ['warm', '/', '--url', 'a', '--header', 'host'],
      "Expected --header to be such as 'Accept-Language: de', got 'host'",
    ],
    [
      ['warm', '/', '--url', 'a', '--header', 'a: b\r\nc'],
      'Expected `headers.a` to be a header field that a request may carry',
    ],
    [['warm', '/', '--concurency', '1'], 'Unknown option --concurency. Did you mean --concurrency?'],
    [['warm', '--file', 'missing.txt', '--url', 'a'], 'Cannot read missing.txt: ENOENT'],
    [['warm', '/', '--app'], "'--app <value>' argument missing"],
  ]
  for (const [args, message] of refused) {
    it(`refuses ${JSON.stringify(args.join(' '))}`, async () => {
      const { code, stdout, stderr } = await run(...args)
      expect(stderr).to.include(message)
      expect([code, stdout]).to.deep.equal([2, ''])
    })
  }
})
