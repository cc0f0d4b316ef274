// The test of the README knows what is code, and fails for code that nothing runs or that does something else than it shows.
import { expect } from 'chai'
import { blocksOf, unfencedCode } from './blocks.ts'
import { type Bench, runBlock } from './run-block.ts'

/** Prints what it is told to print. */
function benchThatPrints(output: string, code = 0): Bench & { files: [string, string][] } {
  const files: [string, string][] = []
  return {
    files,
    add: async (file, text) => void files.push([file, text]),
    run: async () => ({ code, output }),
  }
}

async function failureOf(markdown: string, bench: Bench): Promise<string> {
  try {
    for (const block of blocksOf(markdown)) await runBlock(bench, block)
    return 'none'
  } catch (error) {
    return (error as Error).message
  }
}

describe('the blocks of a document', () => {
  it('are those between fences, longer fences around shorter ones', () => {
    const text = ['x', '```js a.js', 'a', '```', '~~~~ sh', '```', 'b', '~~~~'].join('\n')
    expect(blocksOf(text)).to.deep.equal([
      { line: 2, language: 'js', file: 'a.js', code: 'a\n' },
      { line: 5, language: 'sh', file: undefined, code: '```\nb\n' },
    ])
  })

  it('must close', () => expect(() => blocksOf('a\n```js a.js\nb')).to.throw('line 2 never closes'))

  it('are not hidden by indentation or HTML', () => {
    expect(unfencedCode('text\n\n    code()\n    more()\n\n<pre>x</pre>\n```js a.js\n    inside\n```\n')).to.deep.equal(
      ['    code()', '    more()', '<pre>x</pre>'],
    )
  })

  const failures: [name: string, markdown: string, bench: Bench, message: RegExp][] = [
    ['of a language that nothing runs', '```python\nx\n```', benchThatPrints(''), /Nothing runs a block of "python"/],
    ['without a language', '```\nx\n```', benchThatPrints(''), /Nothing runs a block of ""/],
    ['of code that belongs to no file', '```js\nx\n```', benchThatPrints(''), /names no file/],
    ['of commands that fail', '```sh\nfalse\n```', benchThatPrints('', 1), /false/],
    ['of no commands', '```sh\n```', benchThatPrints(''), /is empty/],
    ['of a session without a prompt', '```console\nx\n```', benchThatPrints('x'), /prompt/],
    ['that prints something else', '```console\n$ a\nb\n```', benchThatPrints('c'), /a: expected 'c' to equal 'b'/],
    ['that prints something it does not show', '```console\n$ a\n```', benchThatPrints('c'), /to equal ''/],
  ]

  for (const [name, markdown, bench, message] of failures) {
    it(`fail when there is one ${name}`, async () => expect(await failureOf(markdown, bench)).to.match(message))
  }

  it('of one file are handed on in order', async () => {
    const bench = benchThatPrints('')
    expect(await failureOf('```js a.js\n1\n```\n```js a.js\n2\n```', bench)).to.equal('none')
    expect(bench.files).to.deep.equal([
      ['a.js', '1\n'],
      ['a.js', '2\n'],
    ])
  })

  it('may differ in what changes from run to run, and in nothing else', async () => {
    const shown = (age: string, etag: string) => `Age: ${age}\nDate: ${age}\nETag: ${etag}\nX: hit; ttl=${age}`
    const session = `\`\`\`console\n$ a\n${shown('1', '"x"')}\n\`\`\``
    expect(await failureOf(session, benchThatPrints(shown('23', '"x"')))).to.equal('none')
    expect(await failureOf(session, benchThatPrints(shown('1', '"y"')))).to.include('expected')
  })
})
